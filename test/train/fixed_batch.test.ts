import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { alike, Model } from '../../src/model/model.js';
import { STANDARD_MLP } from '../../src/nn/mlp.js';
import { DEFAULT_OPTIMIZER, type OptimizerConfig } from '../../src/nn/schedule.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { FixedBatch } from '../../src/train/fixed_batch.js';

const ROWS = 12;
const NETWORK = { ...STANDARD_MLP, dim: 2, outputs: 2, hidden: 6, inner: 8, pointFrequencies: 2, classes: 0 };
const CONFIG: OptimizerConfig = { ...DEFAULT_OPTIMIZER, decay: 'constant', warmup: 0, clip: 0, ema: 0 };

const random = new CounterRandom(3, STREAM.test);
const pairs = {
  x: Float64Array.from({ length: 2 * ROWS }, (_, i) => random.normal(i)),
  t: Float64Array.from({ length: ROWS }, (_, i) => random.uniform(1000 + i)),
  target: Float64Array.from({ length: 2 * ROWS }, (_, i) => random.normal(2000 + i)),
};

describe('a fixed batch', () => {
  let engine: Backend;
  beforeAll(() => {
    engine = new CpuBackend('f64');
  });
  afterAll(() => engine.destroy());

  const made = async (config = CONFIG, network: typeof NETWORK = NETWORK) => {
    const model = new Model(engine, alike(['velocity'], network), 1, true);
    return FixedBatch.create(model, config, pairs);
  };

  it('begins at the loss of a network whose last layer is zero, and learns', async () => {
    const batch = await made();
    await batch.run(1);
    const squares = pairs.target.reduce((sum, value) => sum + value * value, 0);
    expect(await batch.loss()).toBeCloseTo(squares / (2 * ROWS), 12);
    await batch.run(400);
    expect(await batch.loss()).toBeLessThan((0.1 * squares) / (2 * ROWS));
    expect(batch.step).toBe(401);
    batch.destroy();
  });

  it('takes the same steps whatever the runs, past the end of its tables', async () => {
    const losses: number[] = [];
    for (const runs of [[300], [1, 127, 2, 170], [128, 128, 44]]) {
      const batch = await made();
      for (const steps of runs) await batch.run(steps);
      losses.push(await batch.loss());
      batch.destroy();
    }
    expect(new Set(losses).size).toBe(1);
  });

  it('says in one line what it does not take', async () => {
    await expect(made({ ...CONFIG, decay: 'cosine' })).rejects.toThrow(
      'the decay is cosine; a fixed batch takes constant',
    );
    await expect(made(CONFIG, { ...NETWORK, classes: 2 })).rejects.toThrow(
      /labels, which a fixed batch has not/,
    );
    const model = new Model(engine, alike(['velocity'], NETWORK), 1, true);
    await expect(FixedBatch.create(model, CONFIG, { ...pairs, t: [0.5] })).rejects.toThrow(
      '24 coordinates, 1 times and 24 targets are no batch of 2 coordinates and 2 targets a row',
    );
    const two = new Model(engine, alike(['velocity', 'denoiser'], NETWORK), 1, true);
    await expect(FixedBatch.create(two, CONFIG, pairs)).rejects.toThrow('the model has 2 networks');
    const batch = await made();
    await expect(batch.loss()).rejects.toThrow('no step has been taken: run() first');
    batch.destroy();
  });
});
