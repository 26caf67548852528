import { describe, expect, it } from 'vitest';
import { profileTable } from '../../src/cli/profile_table.js';
import { SimdBackend } from '../../src/cpu/simd/backend.js';
import { createEngine } from '../../src/engine.js';
import { smallTrainer } from './trainer.js';

/** Losses and profile of a short training. */
async function train(threads: number, profile: boolean) {
  const engine = await SimdBackend.create({ threads, profile });
  const trainer = await smallTrainer(engine, 3);
  const start = performance.now();
  const records = [...(await trainer.train(20)), ...(await trainer.flush())];
  const rows = engine.profile();
  const passed = performance.now() - start;
  engine.destroy();
  return { losses: records.map(({ losses }) => losses), rows, passed };
}

describe('the profile of the CPU backend', () => {
  it.each([1, 2])('with %d threads adds up to no more than the time that passed', async (threads) => {
    const { rows, passed } = await train(threads, true);
    const names = rows.map(({ kernel }) => kernel);
    for (const name of [
      'linear_forward',
      'linear_backward_input',
      'linear_backward_weight',
      'adamw',
      'packing',
    ]) {
      expect(names).toContain(name);
    }
    // Alone nobody waits.
    expect(names.includes('waiting')).toBe(threads > 1);
    for (const { calls, ms } of rows) {
      expect(calls).toBeGreaterThan(0);
      expect(ms).toBeGreaterThanOrEqual(0);
    }
    expect(rows.reduce((sum, { ms }) => sum + ms, 0)).toBeLessThanOrEqual(passed);
    expect(rows.map(({ ms }) => ms)).toEqual(rows.map(({ ms }) => ms).sort((a, b) => b - a));
    expect(profileTable(rows, 'cpu')).toMatch(/^\w+ +\d+\.\d ms/);
  });

  it('is off unless asked for, and changes no result', async () => {
    const [without, timed] = [await train(2, false), await train(2, true)];
    expect(without.rows).toEqual([]);
    expect(timed.losses).toEqual(without.losses);
  });

  it('comes with the engine option', async () => {
    const engine = await createEngine({ threads: 1, profile: true });
    const array = engine.allocate(4, 'x');
    expect(engine.profile?.()).toEqual([]);
    engine.free(array);
    engine.destroy();
  });
});
