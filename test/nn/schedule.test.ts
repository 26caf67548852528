/** The learning rate of every step. */
import { expect, it } from 'vitest';
import { DEFAULT_OPTIMIZER, learningRate } from '../../src/nn/schedule.js';

const PEAK = 2;
const rates = (total: number, change: Partial<typeof DEFAULT_OPTIMIZER> = {}) =>
  Array.from({ length: total }, (_, k) =>
    learningRate({ ...DEFAULT_OPTIMIZER, learningRate: PEAK, ...change }, k + 1, total),
  );

it.each([1, 2, 3, 9, 10, 11, 100, 1000, 6500])(
  'is above 0 in each of %i steps, and never above its peak',
  (total) => {
    for (const decay of ['cosine', 'constant'] as const)
      for (const warmup of [0, 1, 100]) {
        const all = rates(total, { decay, warmup });
        expect(Math.min(...all)).toBeGreaterThan(0);
        expect(Math.max(...all)).toBeLessThanOrEqual(PEAK);
        // It rises to the peak and does not rise again.
        const top = all.indexOf(Math.max(...all));
        all.forEach((rate, k) => {
          if (k > 0) expect(rate >= all[k - 1]).toBe(k <= top || rate === all[k - 1]);
        });
      }
  },
);

it('is half its peak on average over a decay, as the integral of the cosine is', () => {
  for (const total of [1, 2, 5, 64]) {
    const mean = rates(total, { warmup: 0 }).reduce((sum, rate) => sum + rate, 0) / total;
    expect(mean).toBeCloseTo(PEAK / 2, 12);
  }
});

it('is what is written down for single steps', () => {
  const [first, last] = [rates(1000).slice(0, 5), rates(1000).slice(-3)];
  // Warm-up takes a tenth of the run: 1/100 of the peak, 2/100, …
  first.forEach((rate, k) => {
    expect(rate).toBeCloseTo((PEAK * (k + 1)) / 100, 12);
  });
  // The middle of the last of 900 steps: ½(1 + cos(π − π/1800)) = ½(1 − cos(π/1800)).
  expect(last[2]).toBeCloseTo((PEAK * (1 - Math.cos(Math.PI / 1800))) / 2, 12);
});
