import { createHash } from 'node:crypto';
import type { Dataset } from '../../src/data/dataset.js';
import type * as Reflow from '../../src/train/reflow.js';
import type { Trainer } from '../../src/train/trainer.js';

/** What tests of the program on a failing disk leave out, for `vi.mock`: it costs time and touches no file. */

/** One thread of plain TypeScript. */
export async function smallEngine(original: () => Promise<object>): Promise<object> {
  const { CpuBackend } = await import('../../src/cpu/backend.js');
  return { ...(await original()), createEngine: async () => new CpuBackend() };
}

/** A number of the parameters in place of the excess losses over exact fields. */
export function smallMonitor(): object {
  const create = async (trainer: Trainer) => ({
    memorisingExcess: null,
    async measure(step: number) {
      const values = Array.from(await trainer.engine.read(trainer.model.store.values));
      const overMemorising = values.reduce((sum, value) => sum + value ** 2, 0);
      const none = { overOracle: null, overOracleError: null, score: null, epsilon: null };
      return { step, ...none, overMemorising, overMemorisingError: 0 };
    },
    destroy() {},
  });
  return { ExcessMonitor: { create } };
}

/** The pairs that a model has made once are not computed again: they are a function of it, and of the round. */
export async function rememberedPairs(original: () => Promise<typeof Reflow>): Promise<object> {
  const reflow = await original();
  const { SimdBackend } = await import('../../src/cpu/simd/backend.js');
  const known = new Map<string, Dataset>();
  const reflowPairs: typeof Reflow.reflowPairs = async (_, config, round, before, base, onProgress) => {
    const key = `${round} ${createHash('sha256').update(before.bytes).digest('hex')}`;
    let pairs = known.get(key);
    if (pairs === undefined) {
      const engine = await SimdBackend.create({ threads: 1 });
      pairs = await reflow.reflowPairs(engine, config, round, before, base);
      engine.destroy();
      known.set(key, pairs);
    }
    await onProgress?.(pairs.rows);
    return pairs;
  };
  return { ...reflow, reflowPairs };
}
