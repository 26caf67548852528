/** What the variance-exploding SDE samples of data that do not lie about 0, along its ODE and on the exact field. */
import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../src/data/mixture.js';
import { interpolantByName } from '../../src/families/registry.js';
import { type InterpolantConfig, scheduleOf } from '../../src/interpolant/config.js';
import { gaussianBaseOracle } from '../../src/interpolant/oracle.js';
import { integrate } from '../../src/samplers/integrate.js';
import { oracleField } from '../../src/samplers/oracle_field.js';
import { samplingTable } from '../../src/samplers/plan.js';

const DEVIATION = 0.48;

/** Mean and deviation of what comes of N(0, σmax²), whose way is affine. */
function momentsOf(config: InterpolantConfig, mean: number): { mean: number; deviation: number } {
  const target = new GaussianMixture({
    dim: 1,
    weights: [1],
    means: Float64Array.of(mean),
    variances: Float64Array.of(DEVIATION ** 2),
    labels: [0],
  });
  const field = oracleField(config, gaussianBaseOracle(scheduleOf(config), target));
  const table = samplingTable(config, { solver: 'rk4', steps: 200, grid: 'logsnr' });
  const [below, middle, above] = integrate(
    table,
    field,
    Float64Array.of(-1, 0, 1).map((z) => table.startScale * z),
  );
  return { mean: middle, deviation: (above - below) / 2 };
}

describe('score-sde-ve', () => {
  const configOf = (distance: number): InterpolantConfig => {
    const scale = { sigma: Math.hypot(distance, DEVIATION), spread: DEVIATION, distance };
    return interpolantByName('score-sde-ve').usual(scale);
  };

  it.each([0, 0.5, 2, 10, -300])(
    'keeps the mean of data at %f within a fortieth of their deviation',
    (mean) => {
      const found = momentsOf(configOf(Math.abs(mean)), mean);
      expect(Math.abs(found.mean - mean)).toBeLessThan(DEVIATION / 40);
      expect(Math.abs(found.deviation / DEVIATION - 1)).toBeLessThan(0.01);
    },
  );

  it('did not with a largest noise of 10', () => {
    const { mean } = momentsOf({ ...configOf(2), sigmaMax: 10 }, 2);
    expect(mean).toBeCloseTo(2 - (2 * DEVIATION) / 10, 2);
  });
});
