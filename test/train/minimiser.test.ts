import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { createEngine } from '../../src/engine.js';
import { dataset, distanceToOracle, PROBLEMS } from './minimiser.js';

/**
 * A short training comes within a tenth or so of the oracle; a target with a wrong sign, factor or time, or a weight
 * that moved the minimum, would stay far off however long it is. `bench/minimisers.ts` trains to 2 %.
 */
const BUDGET = {
  steps: 300,
  batch: 512,
  network: { hidden: 24, inner: 48, blocks: 2, pointFrequencies: 8, pointFrequencyScale: 0.2 },
};
const BOUND = 0.25;

describe('the minimiser of each loss is the oracle’s field', () => {
  let engine: Backend;
  beforeAll(async () => {
    engine = await createEngine();
  });
  afterAll(() => engine.destroy());
  const data = dataset();

  it.each(PROBLEMS)('$name', async (problem) => {
    // A weighting that all but leaves out some times reaches them late.
    const steps = BUDGET.steps * (/min-snr|edm$/.test(problem.name) ? 2 : 1);
    for (const { head, error } of await distanceToOracle(engine, data, problem, { ...BUDGET, steps }))
      expect(error, head).toBeLessThan(BOUND);
  });

  it('and not that of another path', async () => {
    // The measure itself must be able to fail: what a linear path teaches is not the field of another.
    const [{ error }] = await distanceToOracle(engine, data, PROBLEMS[0], BUDGET, {
      path: 'trig',
      heads: ['velocity'],
    });
    expect(error).toBeGreaterThan(2 * BOUND);
  });
});
