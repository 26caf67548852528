/** What becomes of a particle does not depend on how many others are moved, in what parts, or on their labels. */

import { afterAll, describe, expect, it } from 'vitest';
import { trainingSet } from '../../src/data/dataset.js';
import { distributionByName } from '../../src/data/registry.js';
import { createEngine } from '../../src/engine.js';
import { interpolantNames } from '../../src/families/registry.js';
import { createTrainer } from '../../src/run/create_trainer.js';
import { dataScale, runConfig } from '../../src/run/defaults.js';
import { AdaptiveSampler } from '../../src/samplers/adaptive.js';
import { samplingField, samplingTable } from '../../src/samplers/plan.js';
import { Sampler } from '../../src/samplers/sampler.js';
import { solverByName, tableSolverNames } from '../../src/samplers/solvers.js';

const engine = await createEngine({ threads: 1 });
afterAll(() => engine.destroy());

const N = 19;
const CLASSES = 2;
const dataset = trainingSet(distributionByName('moons'), 60, 1);
const transform = { offset: [0, 0], scale: 1 };

describe.each(interpolantNames)('%s', (family) => {
  it('moves each particle as if it were alone', async () => {
    const config = runConfig({
      family,
      data: {
        name: 'moons',
        rows: 60,
        dim: 2,
        ambient: 0,
        classes: CLASSES,
        digest: '',
        labelCounts: [30, 30],
      },
      transform,
      network: { hidden: 8, inner: 8, blocks: 1 },
      steps: 12,
      batch: 16,
      scale: dataScale(dataset.points, transform),
    });
    const trainer = await createTrainer(engine, config, dataset);
    await trainer.train(12);
    const { model } = trainer;
    const average = model.store.view(trainer.optimizer.average);
    const labels = Uint32Array.from({ length: N }, (_, i) => (i * 7) % CLASSES);
    const others = labels.map((label, i) => (i < 5 ? label : 1 - label));
    for (const guidance of [1, 1.5])
      for (const name of [...tableSolverNames, 'dopri5']) {
        const field = samplingField(config.settings);
        const stochastic = name !== 'dopri5' && solverByName(name).stochastic;
        if (name !== 'dopri5' && solverByName(name).oneSided && field.twoSided) continue;
        if (stochastic && field.withoutScore !== null) continue;
        const draw = async (n: number, own: Uint32Array, tile: number): Promise<Float64Array> => {
          const sampler =
            name === 'dopri5'
              ? await AdaptiveSampler.create(engine, model, average, field, 4, {
                  guidance,
                  tolerance: { absolute: 1e-2, relative: 1e-2 },
                })
              : await Sampler.create(
                  engine,
                  model,
                  average,
                  samplingTable(config.settings, { solver: name, steps: 3, guidance }),
                  4,
                  tile,
                );
          const { points } = await sampler.sample({ n, labels: own.slice(0, n) });
          sampler.destroy();
          return points;
        };
        const whole = await draw(N, labels, N);
        const said = `${name}, guidance ${guidance}`;
        expect(whole.every(Number.isFinite), said).toBe(true);
        expect(await draw(N, labels, 4), `${said}, in parts`).toEqual(whole);
        expect(await draw(5, labels, 5), `${said}, fewer`).toEqual(whole.slice(0, 10));
        expect((await draw(N, others, N)).slice(0, 10), `${said}, other labels`).toEqual(whole.slice(0, 10));
      }
    trainer.destroy();
  });
});
