import { createHash } from 'node:crypto';
import type * as Reflow from '../../src/families/interpolant/reflow.js';
import type { Model } from '../../src/model/model.js';
import type { Source } from '../../src/model/phase.js';

/** What tests of the program on a failing disk leave out, for `vi.mock`: it costs time and touches no file. */

/** One thread of plain TypeScript. */
export async function smallEngine(original: () => Promise<object>): Promise<object> {
  const { CpuBackend } = await import('../../src/cpu/backend.js');
  return { ...(await original()), createEngine: async () => new CpuBackend() };
}

/** A number of the parameters in place of the excess losses over exact fields. */
export function smallMonitor(): object {
  class ExcessMonitor {
    readonly memorisingExcess = null;

    private constructor(private readonly model: Model) {}

    static async create({ model }: { readonly model: Model }) {
      return new ExcessMonitor(model);
    }

    async measure(step: number) {
      const values = Array.from(await this.model.engine.read(this.model.store.values));
      const overMemorising = values.reduce((sum, value) => sum + value ** 2, 0);
      const none = { overOracle: null, overOracleError: null, score: null, epsilon: null };
      return { step, ...none, overMemorising, overMemorisingError: 0 };
    }

    destroy() {}
  }
  return { ExcessMonitor };
}

/** The pairs that a model has made once are not computed again: they are a function of it, and of the round. */
export async function rememberedPairs(original: () => Promise<typeof Reflow>): Promise<object> {
  const reflow = await original();
  const { SimdBackend } = await import('../../src/cpu/simd/backend.js');
  const known = new Map<string, Source>();
  const reflowPairs: typeof Reflow.reflowPairs = async ({ config, model }, base, seed, onProgress) => {
    const values = Float32Array.from(await model.engine.read(model.store.values));
    const key = `${seed} ${createHash('sha256').update(values).digest('hex')}`;
    let pairs = known.get(key);
    if (pairs === undefined) {
      const engine = await SimdBackend.create({ threads: 1 });
      // Not before: it imports what is being mocked.
      const { buildModel } = await import('../../src/families/shape.js');
      const own = buildModel(engine, config);
      engine.write(own.store.values, values);
      pairs = await reflow.reflowPairs({ config, model: own }, base, seed);
      engine.destroy();
      known.set(key, pairs);
    }
    await onProgress?.(pairs.rows);
    return pairs;
  };
  return { ...reflow, reflowPairs };
}
