/** Data in other units, changed back, give the same samples, likelihoods (with their Jacobian) and metrics. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { datasetFromPoints } from '../../src/data/dataset.js';
import { toData } from '../../src/data/units.js';
import { createEngine } from '../../src/engine.js';
import { interpolantByName, interpolantNames } from '../../src/families/registry.js';
import { flowGrid } from '../../src/likelihood/flow.js';
import { flowLikelihood } from '../../src/likelihood/flow_likelihood.js';
import { evaluateSamples } from '../../src/metrics/evaluate.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { createTrainer } from '../../src/run/create_trainer.js';
import { dataScale, defaultTransform, runConfig } from '../../src/run/defaults.js';
import { fieldOf } from '../../src/samplers/field.js';
import { samplingTable } from '../../src/samplers/plan.js';
import { Sampler } from '../../src/samplers/sampler.js';
import { solverByName } from '../../src/samplers/solvers.js';

const ROWS = 80;
const random = new CounterRandom(8, STREAM.test);
const points = Float64Array.from({ length: 2 * ROWS }, (_, i) => (i % 4 < 2 ? 2 : -1) + random.normal(i));
/** What the data are brought to: as large, as small and as far away as units make them. */
const UNITS = [
  { scale: 1000, offset: [273.15, -40] },
  { scale: 3.7e-5, offset: [0.01, 2] },
] as const;

let engine: Awaited<ReturnType<typeof createEngine>>;
beforeAll(async () => {
  engine = await createEngine({ simd: false });
});
afterAll(() => engine.destroy());

/** Samples and log-likelihoods of a run of three steps on points, in their units. */
async function run(family: string, own: Float64Array) {
  const dataset = datasetFromPoints('own', own, 2);
  const transform = defaultTransform(own, 2, false);
  const config = runConfig({
    family,
    data: { name: 'own', rows: ROWS, dim: 2, ambient: 0, classes: 0, digest: '' },
    transform,
    scale: dataScale(own, transform),
    network: { hidden: 8, inner: 16, blocks: 1 },
    ...{ steps: 3, batch: 16, seed: 4 },
  });
  const trainer = await createTrainer(engine, config, dataset);
  await trainer.train(3);
  const average = trainer.model.store.view(trainer.optimizer.average);
  const { solver, grid } = interpolantByName(family).sampling;
  const table = samplingTable(config.settings, { solver, grid, steps: 6 });
  const sampler = await Sampler.create(engine, trainer.model, average, table, 1);
  const { points: drawn } = await sampler.sample({ n: 20 });
  const field = fieldOf(config.settings);
  const { sigmaMin, sigmaMax, path } = config.settings;
  const levels = path === 'edm' ? { sigmaMin, sigmaMax } : {};
  const { nats } = await flowLikelihood(engine, trainer.model, average, {
    ...{ points: own.slice(0, 20), solver: solverByName('heun'), field, units: transform },
    grid: flowGrid(field, 4, 0.3, grid, levels),
  });
  sampler.destroy();
  trainer.destroy();
  return { samples: toData(drawn, transform), nats };
}

describe.each(interpolantNames)('%s', (family) => {
  it('does not know the units of its data', async () => {
    const plain = await run(family, points);
    for (const units of UNITS) {
      const moved = await run(family, toData(points, units));
      const back = moved.samples.map((value, i) => (value - units.offset[i % 2]) / units.scale);
      // An offset leaves the digits of the data behind: 2 over deviations of 1e-5 costs five of sixteen.
      back.forEach((value, i) =>
        expect(Math.abs(value - plain.samples[i])).toBeLessThan(1e-6 * (1 + Math.abs(value))),
      );
      moved.nats.forEach((value, i) => {
        const jacobian = 2 * Math.log(units.scale);
        expect(Math.abs(value + jacobian - plain.nats[i])).toBeLessThan(1e-6 * (1 + Math.abs(plain.nats[i])));
      });
    }
  });
});

describe('metrics of somebody’s own data', () => {
  it('change by the power of the unit that they carry, and no other', () => {
    const samples = points.map((value, i) => value + 0.3 * random.normal(i + 5000));
    const judge = (scale: number, offset: readonly number[]) => {
      const at = (values: Float64Array) => toData(values, { scale, offset });
      return evaluateSamples({
        points: at(samples),
        training: datasetFromPoints('own', at(points), 2),
        seed: 1,
      });
    };
    const plain = judge(1, [0, 0]).metrics;
    const power = { frechet: 2, sliced_w2: 1, w2: 1, worst_column: 0 } as const;
    for (const { scale, offset } of UNITS) {
      const moved = judge(scale, offset).metrics;
      for (const [name, exponent] of Object.entries(power))
        for (const part of ['value', 'floor', 'floorStd'] as const) {
          const [got, wanted] = [moved[name][part] / scale ** exponent, plain[name][part]];
          expect(Math.abs(got - wanted), `${name} ${part}`).toBeLessThan(1e-6 * (1 + Math.abs(wanted)));
        }
    }
  });
});
