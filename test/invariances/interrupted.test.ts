/** Every family trains to the same bits, wherever it was interrupted, in whatever chunks and on however many threads. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { SimdBackend } from '../../src/cpu/simd/backend.js';
import { trainingSet } from '../../src/data/dataset.js';
import { distributionByName } from '../../src/data/registry.js';
import { interpolantNames } from '../../src/families/registry.js';
import { createTrainer } from '../../src/run/create_trainer.js';
import { dataScale, runConfig } from '../../src/run/defaults.js';
import { decodeTrainingState, encodeTrainingState } from '../../src/train/checkpoint.js';
import type { StepRecord } from '../../src/train/learner.js';

const STEPS = 7;

const engines: SimdBackend[] = [];
beforeAll(async () => {
  for (const threads of [1, 2, 3]) engines.push(await SimdBackend.create({ threads }));
});
afterAll(() => {
  for (const engine of engines) engine.destroy();
});

/** Trains in runs of so many steps; with `stops`, through a checkpoint and another trainer between two of them. */
async function bits(
  engine: SimdBackend,
  family: string,
  batching: 'replacement' | 'epochs',
  runs: readonly number[],
  stops: boolean,
): Promise<string> {
  const dataset = trainingSet(distributionByName('8gaussians'), 50, 1);
  const transform = { offset: [0, 0], scale: 1 };
  const config = runConfig({
    family,
    data: { name: '8gaussians', rows: 50, dim: 2, ambient: 0, classes: dataset.classes, digest: '' },
    transform,
    scale: dataScale(dataset.points, transform),
    network: { hidden: 8, inner: 8, blocks: 1, pointFrequencies: 2, timeFrequencies: 2, labelWidth: 2 },
    settings: { batching },
    optimizer: { warmup: 2 },
    steps: STEPS,
    // 50 rows are not a whole number of batches: epochs end inside one.
    batch: 16,
    seed: 5,
  });
  const records: StepRecord[] = [];
  let trainer = await createTrainer(engine, config, dataset);
  try {
    for (const [k, count] of runs.entries()) {
      records.push(...(await trainer.train(count)), ...(await trainer.flush()));
      if (!stops || k === runs.length - 1) continue;
      const kept = encodeTrainingState(trainer.model, await trainer.state());
      trainer.destroy();
      trainer = await createTrainer(engine, config, dataset);
      trainer.restore(decodeTrainingState(kept, 'kept'));
    }
    expect(records.map(({ step }) => step)).toEqual(Array.from({ length: STEPS }, (_, k) => k + 1));
    const state = Buffer.from(encodeTrainingState(trainer.model, await trainer.state()));
    return `${JSON.stringify(records)} ${state.toString('base64')}`;
  } finally {
    trainer.destroy();
  }
}

it.each(interpolantNames)('%s', async (family) => {
  const [one, two, three] = engines;
  for (const batching of ['replacement', 'epochs'] as const) {
    const whole = await bits(one, family, batching, [STEPS], false);
    expect(await bits(two, family, batching, [1, 4, 2], false)).toBe(whole);
    expect(await bits(three, family, batching, [3, 4], true)).toBe(whole);
  }
});
