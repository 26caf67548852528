/** EDM's algorithm 1 (arXiv 2206.00364), written out from the paper in σ, against the family's table in t. */
import { expect, it } from 'vitest';
import { distributionByName } from '../../src/data/registry.js';
import { interpolantByName } from '../../src/families/registry.js';
import { type InterpolantConfig, scheduleOf } from '../../src/interpolant/config.js';
import { gaussianBaseOracle } from '../../src/interpolant/oracle.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { integrate } from '../../src/samplers/integrate.js';
import { oracleField } from '../../src/samplers/oracle_field.js';
import { samplingTable } from '../../src/samplers/plan.js';

const [SIGMA_MIN, SIGMA_MAX, RHO] = [0.002, 80, 7];
const mixture = distributionByName('8gaussians').mixture!;
const random = new CounterRandom(3, STREAM.test);
const NOISE = Float64Array.from({ length: 40 }, (_, i) => random.normal(i));

/** E[x1 | x] of x = x1 + σ ε for the mixture of isotropic Gaussians. */
function denoised(x: Float64Array, sigma: number): Float64Array {
  const { means, variances, weights } = mixture as unknown as {
    means: Float64Array;
    variances: Float64Array;
    weights: ArrayLike<number>;
  };
  const out = new Float64Array(x.length);
  for (let row = 0; row < x.length; row += 2) {
    const logs = Array.from(weights, (weight, k) => {
      const total = variances[k] + sigma ** 2;
      const square = (x[row] - means[2 * k]) ** 2 + (x[row + 1] - means[2 * k + 1]) ** 2;
      return Math.log(weight) - Math.log(total) - square / (2 * total);
    });
    const most = Math.max(...logs);
    const shares = logs.map((log) => Math.exp(log - most));
    const sum = shares.reduce((total, share) => total + share, 0);
    for (let j = 0; j < 2; j++)
      out[row + j] = shares.reduce((total, share, k) => {
        const pull = variances[k] / (variances[k] + sigma ** 2);
        return total + (share / sum) * (means[2 * k + j] + pull * (x[row + j] - means[2 * k + j]));
      }, 0);
  }
  return out;
}

function algorithm1(steps: number): Float64Array {
  const root = (sigma: number) => sigma ** (1 / RHO);
  const sigmas = Array.from(
    { length: steps },
    (_, i) => (root(SIGMA_MAX) + (i / (steps - 1)) * (root(SIGMA_MIN) - root(SIGMA_MAX))) ** RHO,
  );
  sigmas.push(0);
  let x = NOISE.map((z) => SIGMA_MAX * z);
  for (let i = 0; i < steps; i++) {
    const [now, next] = [sigmas[i], sigmas[i + 1]];
    const slope = denoised(x, now).map((data, k) => (x[k] - data) / now);
    const euler = x.map((value, k) => value + (next - now) * slope[k]);
    if (next === 0) {
      x = euler;
      continue;
    }
    const end = denoised(euler, next).map((data, k) => (euler[k] - data) / next);
    x = x.map((value, k) => value + (next - now) * 0.5 * (slope[k] + end[k]));
  }
  return x;
}

it.each([7, 18, 40, 100])('the family’s solver is algorithm 1 with N = %i', (steps) => {
  const { usual, sampling } = interpolantByName('edm');
  const config: InterpolantConfig = {
    ...usual({ sigma: 3.6, spread: 3.6, distance: 0 }),
    ...{ sigmaMin: SIGMA_MIN, sigmaMax: SIGMA_MAX },
  };
  const { solver, grid } = sampling;
  const table = samplingTable(config, { solver, grid, steps });
  const field = oracleField(config, gaussianBaseOracle(scheduleOf(config), mixture));
  const end = integrate(
    table,
    field,
    NOISE.map((z) => SIGMA_MAX * z),
  );
  const expected = algorithm1(steps);
  expect(table.steps).toBe(steps);
  end.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(1e-8));
});
