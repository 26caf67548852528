/** A noise-contrastive prior against Gaussians, whose density ratios are known. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { datasetFromPoints } from '../../src/data/dataset.js';
import { createEngine } from '../../src/engine.js';
import type { NcpSettings } from '../../src/families/ncp_vae.js';
import type { LikelihoodBound } from '../../src/model/likelihood.js';
import type { RunConfig } from '../../src/model/run_config.js';
import { Course } from '../../src/run/course.js';
import { openModel, type TrainedModel } from '../../src/run/trained.js';
import { encodeModel } from '../../src/train/checkpoint.js';
import { configOf, handSet, LINEAR, logNormal, mean, outputs } from './latent_run.js';

let engine: Backend;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.destroy());

const moments = (values: Float64Array) => {
  const centre = mean(values);
  return { centre, variance: mean(values.map((value) => (value - centre) ** 2)) };
};

describe('a critic of a Gaussian aggregate posterior, narrower than the prior', () => {
  const s = 0.6;
  const sigma = 1e-3;
  const config = configOf<NcpSettings>('ncp-vae', 50, 1, {
    settings: { latent: 1, variance: 'fixed', sigma },
    network: LINEAR,
    networks: { critic: { hidden: 16, inner: 16, blocks: 1 } },
    optimizer: { learningRate: 0.01 },
    steps: 1,
    stages: { critic: 1500 },
    batch: 1000,
  });
  let model: TrainedModel;
  beforeAll(async () => {
    // q(z|x) = N(0, s²) whatever x is, and x̂ = z.
    const autoencoder = handSet(config, {
      encoder: { weight: [[0], [0]], bias: [0, 2 * Math.log(s)] },
      decoder: { weight: [[1]], bias: [0] },
    });
    const dataset = datasetFromPoints(
      'own',
      Float64Array.from({ length: 50 }, (_, i) => Math.sin(i)),
      1,
    );
    const course = await Course.create(engine, config as unknown as RunConfig, dataset, {
      from: { model: autoencoder, step: 1 },
      before: null,
    });
    expect(course.stage.name).toBe('critic');
    await course.train(1500);
    const file = encodeModel(course.trainer.model, await course.state(), config as unknown as RunConfig);
    course.destroy();
    model = await openModel(engine, file);
  });
  afterAll(() => model.destroy());

  it('finds the logarithm of the ratio of densities', async () => {
    const step = 0.005;
    const z = Float64Array.from({ length: 2401 }, (_, i) => -6 + step * i);
    const [p, q] = [z.map((at) => Math.exp(logNormal(at))), z.map((at) => Math.exp(logNormal(at, 0, s * s)))];
    const known = z.map((at) => -Math.log(s) - (at * at * (1 / (s * s) - 1)) / 2);
    const found = await outputs(model, 'critic', z, 1);
    const over = (values: (i: number) => number) =>
      z.reduce((sum, _, i) => sum + 0.5 * (p[i] + q[i]) * values(i) * step, 0);
    const centre = over((i) => known[i]);
    const deviation = Math.sqrt(over((i) => (known[i] - centre) ** 2));
    const error = Math.sqrt(over((i) => (found[i] - known[i]) ** 2));
    expect(error / deviation).toBeLessThan(0.02);
    const normaliser = z.reduce((sum, _, i) => sum + p[i] * Math.exp(found[i]) * step, 0);
    expect(Math.abs(normaliser - 1)).toBeLessThan(0.02);
  });

  it('leaves the autoencoder as it was', async () => {
    const x = Float64Array.of(-1, 0, 2);
    expect(Array.from(await outputs(model, 'decoder', x, 1))).toEqual(Array.from(x));
  });

  it('has its samples resampled to the aggregate’s moments, hardly one twice', async () => {
    const n = 20_000;
    const { points } = await model.sample({ n, seed: 5 });
    const { centre, variance } = moments(points);
    expect(Math.abs(centre)).toBeLessThan((4 * s) / Math.sqrt(n));
    // Its own error, what M = 64 proposals leave, and 2 % of the critic's.
    expect(Math.abs(variance / (s * s) - 1)).toBeLessThan(4 * Math.sqrt(2 / n) + 1 / 64 + 0.02);
    expect(new Set(points).size).toBeGreaterThan(0.98 * n);
  });
});

describe('ratios that are set by hand', () => {
  const [w, sigma] = [1.5, 0.4];
  const x = Float64Array.of(-2, -0.3, 0.8, 1.7);
  const settings = { latent: 1, variance: 'fixed', sigma } as const;
  const decoder = { weight: [[w]], bias: [0] };
  const precision = (w / sigma) ** 2 + 1;
  const open = (family: string, tilt: number, constant = 0) => {
    const config = configOf<NcpSettings>(family, 4, 1, { settings, network: LINEAR, steps: 1 });
    // The posterior under the prior N(tilt, 1).
    const encoder = {
      weight: [[w / (sigma * sigma) / precision], [0]],
      bias: [tilt / precision, -Math.log(precision)],
    };
    const critic = { weight: [[tilt]], bias: [constant] };
    return openModel(new CpuBackend('f64'), handSet(config, { encoder, decoder, critic }));
  };

  it('a ratio of e^bz tilts the prior to N(b, 1): L_k is ln p for every k', async () => {
    const b = 0.5;
    const model = await open('ncp-vae', b, 0.3);
    for (const steps of [1, 5]) {
      const bound = (await model.likelihood(x, { seed: 2, settings: { steps } })) as LikelihoodBound;
      // ln Z = b²/2 + 0.3 by Monte Carlo, whose error the bound tells.
      expect(bound.monteCarloError).toBeGreaterThan(1e-4);
      expect(bound.monteCarloError).toBeLessThan(0.01);
      bound.nats.forEach((nats, i) => {
        const known = logNormal(x[i], w * b, w * w + sigma * sigma);
        expect(Math.abs(nats - known)).toBeLessThan(4 * bound.monteCarloError);
      });
    }
    const { points } = await model.sample({ n: 4000, seed: 1 });
    const { centre, variance } = moments(points);
    const wanted = w * w + sigma * sigma;
    model.destroy();
    model.model.engine.destroy();
    expect(Math.abs(centre - w * b)).toBeLessThan(4 * Math.sqrt(wanted / 4000) + 1 / 64);
    expect(Math.abs(variance / wanted - 1)).toBeLessThan(4 * Math.sqrt(2 / 4000) + 1 / 64);
  });

  it('a constant ratio changes nothing: its integral is divided out', async () => {
    const [plain, constant] = [await open('vae', 0), await open('ncp-vae', 0, 0.7)];
    const [known, bound] = await Promise.all(
      [plain, constant].map(async (model) => {
        const { nats } = (await model.likelihood(x, { seed: 2, settings: { steps: 3 } })) as LikelihoodBound;
        model.destroy();
        return nats;
      }),
    );
    bound.forEach((nats, i) => expect(nats).toBeCloseTo(known[i], 6));
  });
});
