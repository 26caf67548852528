/** How many particles a window of the demo page is expected to show, against draws of the interpolant. */
import { asInterpolant, CounterRandom, STREAM, samplingField } from 'tributary-engine';
import { describe, expect, it } from 'vitest';
import { modelChoice } from '../../demo/src/choices.js';
import { configOf, datasetOf } from '../../demo/src/lab/recipe.js';
import { extentOf } from '../../demo/src/scene/overlays.js';
import { Spread } from '../../demo/src/scene/spread.js';
import { DEFAULTS } from '../../demo/src/state.js';

const DRAWS = 400_000;

const WINDOWS = [
  [0, 0, 1, 0.6],
  [1.5, -0.5, 0.5, 0.5],
  [0.3, 2, 0.4, 0.25],
  [-3, 0, 0.5, 1],
] as const;

describe('the share of particles that a window shows', () => {
  it.each([
    ['moons', 'flow-matching', 0],
    ['moons', 'flow-matching', 0.6],
    ['grid', 'ddpm', 0.8],
    ['spirals', 'stochastic-interpolant', 0.9],
  ])('is that of %s, %s at t = %f', (data, family, t) => {
    const choice = modelChoice({ ...DEFAULTS, data, family });
    const dataset = datasetOf(choice);
    const config = asInterpolant(configOf(choice, dataset));
    const { points } = dataset;
    const spread = new Spread(config, points, extentOf(points), 1);
    const { alpha, beta, gamma } = samplingField(config.settings).schedule.at(t);
    const noise = Math.hypot(alpha, gamma);
    const random = new CounterRandom(1, STREAM.data, 0);
    const shares = WINDOWS.map(() => 0);
    for (let i = 0; i < DRAWS; i++) {
      const row = 2 * (i % (points.length / 2));
      const [x, y] = [0, 1].map((k) => beta * points[row + k] + noise * random.normal(2 * i + k));
      WINDOWS.forEach(([cx, cy, right, up], k) => {
        if (Math.abs(x - cx) < right && Math.abs(y - cy) < up) shares[k] += 1 / DRAWS;
      });
    }
    WINDOWS.forEach(([cx, cy, right, up], k) => {
      const expects = (share: number) => spread.expects(share, t, cx, cy, right, up);
      // The net's fuzz adds to the noise, and Φ is known to 2e-4.
      expect(expects(0.85 * shares[k] - 5e-4), `${k}: more than ${shares[k]}`).toBe(true);
      expect(expects(1.15 * shares[k] + 5e-4), `${k}: less than ${shares[k]}`).toBe(false);
    });
    expect(Math.max(...shares)).toBeGreaterThan(0.003);
  });
});
