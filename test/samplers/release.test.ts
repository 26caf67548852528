/** What fails gives back all that it had taken. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunFolder } from '../../src/cli/run_folder.js';
import { sampleRun } from '../../src/cli/sample_run.js';
import { trainRun } from '../../src/cli/train_run.js';
import { trainingSet } from '../../src/data/dataset.js';
import { distributionByName } from '../../src/data/registry.js';
import { reflowPairs } from '../../src/families/interpolant/reflow.js';
import { buildModel } from '../../src/families/shape.js';
import { NetworkVelocity } from '../../src/likelihood/network_velocity.js';
import { runConfig } from '../../src/run/defaults.js';
import { AdaptiveSampler } from '../../src/samplers/adaptive.js';
import { samplingField, samplingTable } from '../../src/samplers/plan.js';
import { Sampler } from '../../src/samplers/sampler.js';
import { verifyRuns } from '../../src/verify/end_to_end.js';
import { verifyKernels } from '../../src/verify/kernels.js';
import { CountingBackend } from '../backend/counting.js';

const dataset = trainingSet(distributionByName('moons'), 40, 0);
const config = runConfig({
  family: 'rectified-flow',
  data: { name: 'moons', rows: 40, dim: 2, ambient: 0, classes: 0, digest: '' },
  transform: { offset: [0, 0], scale: 1 },
  network: { hidden: 4, inner: 4, blocks: 1 },
  steps: 6,
  batch: 8,
});
const engine = new CountingBackend();
const path = mkdtempSync(join(tmpdir(), 'tributary-test-'));
const folder = new RunFolder(join(path, 'run'));
const stop = () => {
  throw new Error('stopped here');
};

beforeAll(async () => {
  const trained = await trainRun(
    engine,
    folder,
    { ...config, settings: { ...config.settings, reflowRounds: 0 } },
    dataset,
    {
      resume: false,
      checkpointEvery: 3,
      quiet: true,
    },
  );
  expect(trained.finished).toBe(true);
});
afterAll(() => rmSync(path, { recursive: true, force: true }));

/** Runs what must fail, at the first work of that kind under that label. */
async function failing(
  work: () => Promise<unknown>,
  at?: { readonly work: 'compile' | 'read'; readonly label: string },
): Promise<void> {
  const before = engine.alive;
  let failed = false;
  engine.fail = (kind, label) => {
    if (kind !== at?.work || !label.includes(at.label)) return;
    failed = true;
    stop();
  };
  try {
    await expect(work()).rejects.toThrow(at ? /stopped here/ : /./);
  } finally {
    engine.fail = () => undefined;
  }
  expect(failed).toBe(at !== undefined);
  expect(engine.alive).toBe(before);
}

describe('nothing is left on the engine', () => {
  const quiet = { n: 20, seed: 1, choice: {}, quiet: true };

  it('by a run’s samples, whether they are drawn, stopped or refused', async () => {
    const before = engine.alive;
    for (const choice of [{}, { solver: 'dopri5' }])
      expect((await sampleRun(engine, folder, config, { ...quiet, choice })).points).toHaveLength(40);
    expect(engine.alive).toBe(before);
    const start = { points: new Float64Array(40).fill(Number.NaN), file: 'it', sha256: '' };
    for (const choice of [{}, { solver: 'dopri5' }]) {
      await failing(() => sampleRun(engine, folder, config, { ...quiet, choice, start }));
      const at = { work: 'read', label: 'particles' } as const;
      await failing(() => sampleRun(engine, folder, config, { ...quiet, choice }), at);
    }
  });

  it('by the pairs of a reflow', async () => {
    const model = buildModel(engine, config);
    await failing(() => reflowPairs({ config, model }, null, 1, stop));
    const at = { work: 'read', label: 'particles' } as const;
    await failing(() => reflowPairs({ config, model }, null, 1), at);
    model.destroy();
  });

  it('by training that stops', async () => {
    const work = () =>
      trainRun(engine, new RunFolder(join(path, 'other')), config, dataset, {
        resume: false,
        checkpointEvery: 3,
        quiet: true,
      });
    await failing(work, { work: 'read', label: 'velocity losses' });
  });

  it('by a sampler that cannot be made', async () => {
    const model = buildModel(engine, config);
    const { store } = model;
    const table = samplingTable(config.settings);
    const field = samplingField(config.settings);
    for (const label of ['start of the particles', 'heun step'])
      await failing(() => Sampler.create(engine, model, store, table, 1, 8), { work: 'compile', label });
    // What the adaptive one needs follows from how many are asked for.
    const adaptive = await AdaptiveSampler.create(engine, model, store, field, 1);
    for (const label of ['start of the particles', 'networks at rows'])
      await failing(() => adaptive.sample({ n: 8 }), { work: 'compile', label });
    adaptive.destroy();
    const at = { work: 'compile', label: 'networks at rows' } as const;
    await failing(() => NetworkVelocity.create(engine, model, store), at);
    model.destroy();
  });

  it('by a verification', async () => {
    const copy = { backend: engine, seed: 1, randomShapes: 0, kernels: ['reduce_sum'] } as const;
    await failing(() => verifyKernels(copy), { work: 'compile', label: 'reduce_sum' });
    await failing(() => verifyKernels(copy), { work: 'read', label: '' });
    const runs = () => verifyRuns({ backend: engine, seed: 1 });
    await failing(runs, { work: 'read', label: 'losses' });
    await failing(runs, { work: 'read', label: 'particles' });
  });
});
