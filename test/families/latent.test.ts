/** Latent-variable families against what is known of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { datasetFromPoints } from '../../src/data/dataset.js';
import { symmetricEigen } from '../../src/data/eigen.js';
import { createEngine } from '../../src/engine.js';
import type { LikelihoodBound } from '../../src/model/likelihood.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { createTrainer } from '../../src/run/create_trainer.js';
import type { TrainedModel } from '../../src/run/trained.js';
import { bentPoints, configOf, mean, outputs, trained } from './latent_run.js';

let engine: Backend;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.destroy());

/** Points of N(0, A Aᵀ), A lower triangular with a diagonal of 2, 1.6, 1.2, … */
function gaussianPoints(rows: number, dim: number): Float64Array {
  const random = new CounterRandom(11, STREAM.test);
  const points = new Float64Array(rows * dim);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < dim; j++)
      for (let k = 0; k <= j; k++)
        points[i * dim + j] += random.normal(i * dim + k) * (j === k ? 2 - 0.4 * j : 0.3 / (1 + j - k));
  return points;
}

/** Moments of points that have been centred: their eigenvalues from the largest down. */
function spectrum(points: Float64Array, dim: number): number[] {
  const rows = points.length / dim;
  const covariance = new Float64Array(dim * dim);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < dim; j++)
      for (let k = 0; k < dim; k++)
        covariance[j * dim + k] += (points[i * dim + j] * points[i * dim + k]) / rows;
  return [...symmetricEigen(covariance, dim).values].sort((a, b) => b - a);
}

function centred(points: Float64Array, dim: number): Float64Array {
  const rows = points.length / dim;
  const mean = new Float64Array(dim);
  points.forEach((value, i) => {
    mean[i % dim] += value / rows;
  });
  return points.map((value, i) => value - mean[i % dim]);
}

describe('a linear VAE', () => {
  it('reaches the likelihood of probabilistic PCA at its σ²', async () => {
    const dim = 5;
    const latent = 2;
    const points = centred(gaussianPoints(2000, dim), dim);
    const lambda = spectrum(points, dim);
    const discarded = lambda.slice(latent);
    const variance = mean(discarded);
    // Tipping & Bishop 1999: the likelihood at the maximum, and so at this σ² and the best W.
    const log = (values: readonly number[]) => values.reduce((sum, value) => sum + Math.log(value), 0);
    const ppca =
      -0.5 *
      (dim * Math.log(2 * Math.PI) +
        log(lambda.slice(0, latent)) +
        (dim - latent) * Math.log(variance) +
        dim);
    const settings = { latent, variance: 'fixed', sigma: Math.sqrt(variance) } as const;
    const model = await trained(engine, 'vae', points, dim, settings, { steps: 3000 });
    const { nats } = (await model.likelihood(points, { seed: 5, settings: { steps: 1 } })) as LikelihoodBound;
    model.destroy();
    expect(mean(nats)).toBeLessThan(ppca + 0.01);
    expect(mean(nats)).toBeGreaterThan(ppca - 0.01);
  });

  it.each(['learned', 'analytic'] as const)('finds σ² by itself: %s', async (variance) => {
    const dim = 3;
    const points = centred(gaussianPoints(2000, dim), dim);
    const [, ...discarded] = spectrum(points, dim);
    const model = await trained(
      engine,
      'vae',
      points,
      dim,
      { latent: 1, variance, sigma: 0.3 },
      { steps: 3000 },
    );
    const [logvar] = await engine.read(model.model.store.get('noise.logvar').value);
    model.destroy();
    expect(Math.exp(logvar) / mean(discarded)).toBeGreaterThan(0.97);
    expect(Math.exp(logvar) / mean(discarded)).toBeLessThan(1.03);
  });
});

describe('importance-weighted bounds', () => {
  const dim = 2;
  it('rise with k towards ln p, found by quadrature', async () => {
    const points = bentPoints();
    const network = { hidden: 16, inner: 16, blocks: 1 };
    const model = await trained(
      engine,
      'iwae',
      points,
      dim,
      { latent: 1, sigma: 0.3 },
      { steps: 600, network },
    );
    const judged = points.slice(0, 2 * 150);
    const bounds: { value: number; error: number }[] = [];
    for (const steps of [1, 5, 50]) {
      const bound = (await model.likelihood(judged, { seed: 7, settings: { steps } })) as LikelihoodBound;
      bounds.push({ value: mean(bound.nats), error: bound.monteCarloError });
    }
    const exact = mean(await quadrature(model, judged));
    model.destroy();
    const [one, five, fifty] = bounds;
    expect(five.value).toBeGreaterThan(one.value - 3 * (one.error + five.error));
    expect(fifty.value).toBeGreaterThan(five.value - 3 * (five.error + fifty.error));
    expect(exact).toBeGreaterThan(fifty.value - 3 * fifty.error);
    // And not far: 50 latents leave little of the gap.
    expect(exact - fifty.value).toBeLessThan(0.05);
    expect(exact - one.value).toBeGreaterThan(exact - fifty.value);
  });

  /** ln ∫ p(x|z) p(z) dz of a model with one latent, by the trapezium rule. */
  async function quadrature(trainedModel: TrainedModel, x: Float64Array): Promise<Float64Array> {
    const { model, config } = trainedModel;
    const rows = 4001;
    const [low, high] = [-8, 8];
    const z = Float64Array.from({ length: rows }, (_, i) => low + ((high - low) * i) / (rows - 1));
    const decoded = await outputs(trainedModel, 'decoder', z, 1);
    const [logvar] = await engine.read(model.store.get('noise.logvar').value);
    expect(config.data.dim).toBe(dim);
    const variance = Math.exp(logvar);
    return Float64Array.from({ length: x.length / dim }, (_, i) => {
      let sum = 0;
      for (let k = 0; k < rows; k++) {
        const square = (x[2 * i] - decoded[2 * k]) ** 2 + (x[2 * i + 1] - decoded[2 * k + 1]) ** 2;
        sum += Math.exp(-square / (2 * variance) - z[k] ** 2 / 2);
      }
      const step = (high - low) / (rows - 1);
      return Math.log((sum * step) / (2 * Math.PI * variance * Math.sqrt(2 * Math.PI)));
    });
  }

  it.each([
    ['iwae', 'normal', 1500],
    ['iwae', 'vamp', 700],
    ['hvae', 'vamp', 700],
  ] as const)(
    'the doubly reparametrised gradient has the plain one’s mean, with less noise: %s, %s',
    async (family, prior, steps) => {
      const points = bentPoints();
      const dataset = datasetFromPoints('own', points, dim);
      const moments = async (gradient: 'dreg' | 'plain') => {
        const reference = new CpuBackend('f64');
        const config = configOf(family, dataset.rows, dim, {
          settings: { latent: 1, samples: 8, sigma: 0.5, gradient, prior, components: 3 },
          network: { hidden: 3, inner: 3, blocks: 0, pointFrequencies: 0 },
          // Too slow to get anywhere: what is averaged are gradients at one place.
          optimizer: { learningRate: 1e-12, clip: 0 },
          steps,
          batch: 32,
        });
        const trainer = await createTrainer(reference, config, dataset);
        const { store } = trainer.model;
        const encoder = store.span(['encoder']);
        const all = { length: store.length };
        const sums = new Float64Array(all.length);
        const squares = new Float64Array(all.length);
        for (let step = 0; step < config.steps; step++) {
          await trainer.train(1);
          const values = await reference.read(store.gradients as NonNullable<typeof store.gradients>);
          for (let i = 0; i < all.length; i++) {
            sums[i] += values[i] / config.steps;
            squares[i] += values[i] ** 2 / config.steps;
          }
        }
        trainer.destroy();
        reference.destroy();
        const variances = squares.map((value, i) => value - sums[i] ** 2);
        return { sums, variances, encoder: encoder.length, n: config.steps };
      };
      const [dreg, plain] = [await moments('dreg'), await moments('plain')];
      let [worst, noise, plainNoise, signal] = [0, 0, 0, 0];
      dreg.sums.forEach((value, i) => {
        const error = Math.sqrt((dreg.variances[i] + plain.variances[i]) / dreg.n);
        if (error > 0) worst = Math.max(worst, Math.abs(value - plain.sums[i]) / error);
        if (i < dreg.encoder) {
          signal = Math.max(signal, Math.abs(dreg.sums[i]) / (error || 1));
          noise += dreg.variances[i];
          plainNoise += plain.variances[i];
        }
      });
      // The worst of some forty standard normals; and the encoder's signal is what the gradient is for.
      expect(worst).toBeLessThan(4);
      expect(signal).toBeGreaterThan(10);
      expect(noise).toBeLessThan(plainNoise);
    },
  );
});
