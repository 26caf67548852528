import type { Backend } from '../../src/backend/backend.js';
import type { InterpolantRun } from '../../src/families/interpolant/settings.js';
import { DEFAULT_INTERPOLANT } from '../../src/interpolant/config.js';
import { DEFAULT_OPTIMIZER } from '../../src/nn/schedule.js';
import { createTrainer } from '../../src/run/create_trainer.js';
import type { Trainer } from '../../src/train/trainer.js';

/** A trainer with every kind of layer: two heads, point and time features, labels, odd sizes. */
export async function smallTrainer(engine: Backend, seed: number): Promise<Trainer> {
  const rows = 200;
  const config: InterpolantRun = {
    format: 2,
    family: 'stochastic-interpolant',
    data: { name: 'test', rows, dim: 2, ambient: 0, classes: 3, digest: '' },
    transform: { offset: [0, 0], scale: 1 },
    network: {
      hidden: 21,
      inner: 34,
      blocks: 2,
      pointFrequencies: 5,
      pointFrequencyScale: 0.5,
      timeFrequencies: 3,
      labelWidth: 4,
    },
    settings: {
      ...DEFAULT_INTERPOLANT,
      gamma: 'sqrt',
      heads: ['velocity', 'denoiser'],
      timeMin: 1e-3,
      timeCells: 1000,
      timeMax: 1 - 1e-3,
      timeSampling: 'stratified',
      antithetic: true,
      reflowRounds: 0,
      distil: false,
    },
    optimizer: { ...DEFAULT_OPTIMIZER, warmup: 5 },
    steps: 60,
    batch: 130,
    labelDropout: 0.1,
    seed,
  };
  const points = Float64Array.from({ length: rows * 2 }, (_, i) => Math.sin(7 * i) + (i % 2));
  const labels = Uint32Array.from({ length: rows }, (_, i) => i % 3);
  return createTrainer(engine, config, { name: 'test', rows, points, labels, dim: 2, classes: 3 });
}
