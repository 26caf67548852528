/** Samplers on the fast CPU path and on Dawn against the host, with networks written out naively. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { createEngine } from '../../src/engine.js';
import {
  checkInterpolant,
  DEFAULT_INTERPOLANT,
  type InterpolantConfig,
} from '../../src/interpolant/config.js';
import { alike, Model } from '../../src/model/model.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { AdaptiveSampler, integrateAdaptive } from '../../src/samplers/adaptive.js';
import { integrate } from '../../src/samplers/integrate.js';
import { type SamplingOptions, samplingField, samplingTable } from '../../src/samplers/plan.js';
import { Sampler } from '../../src/samplers/sampler.js';
import { solverByName } from '../../src/samplers/solvers.js';
import { WebGpuBackend } from '../../src/webgpu/backend.js';
import { useAdapter } from '../shared/lent.js';
import { hostField } from '../train/host_field.js';

const N = 23;
const CLASSES = 3;
const SEED = 5;
const LABELS = Uint32Array.from({ length: N }, (_, i) => i % CLASSES);

const interpolant = (change: Partial<InterpolantConfig>): InterpolantConfig => {
  const config = { ...DEFAULT_INTERPOLANT, ...change };
  checkInterpolant(config);
  return config;
};

const linear = interpolant({});
const edm = interpolant({ path: 'edm', heads: ['edm'], sigmaMin: 0.01, sigmaMax: 10, sigmaData: 1.3 });
const vp = interpolant({ path: 'vp-sde', heads: ['denoiser'] });
const two = interpolant({ gamma: 'sqrt', heads: ['velocity', 'denoiser'] });

const CASES: [string, InterpolantConfig, SamplingOptions][] = [
  ...[-1, 0, 1, 2.5].map((guidance): [string, InterpolantConfig, SamplingOptions] => [
    `guidance ${guidance}, heun`,
    linear,
    { solver: 'heun', guidance },
  ]),
  ['guidance 2, rk4: eight evaluations a step', linear, { solver: 'rk4', guidance: 2 }],
  ['guidance 2 of an SDE', linear, { solver: 'euler-maruyama', guidance: 2 }],
  ['guidance 1.5 of two networks', two, { solver: 'sde-heun', guidance: 1.5 }],
  ['edm, heun on Karras’ grid', edm, { solver: 'heun', grid: 'karras' }],
  ['edm, churn', edm, { solver: 'edm-churn', grid: 'karras' }],
  ['edm, guided churn', edm, { solver: 'edm-churn', grid: 'karras', guidance: 2 }],
  ['dpm-solver++, which keeps something', vp, { solver: 'dpm-solver++' }],
  ['dpm-solver++, guided', vp, { solver: 'dpm-solver++', guidance: 3 }],
  ['ancestral', vp, { solver: 'ancestral' }],
  ['predictor-corrector', vp, { solver: 'predictor-corrector' }],
  ['langevin of two networks', two, { solver: 'langevin' }],
  ['another path: linear along vp-sde', linear, { solver: 'heun', path: 'vp-sde' }],
  ['another path: edm along linear', edm, { solver: 'heun', path: 'linear' }],
  ['an SDE that ends by Tweedie', linear, { solver: 'sde-heun', lastStep: 'tweedie' }],
];

const engines: Record<string, Backend> = {};
useAdapter();
beforeAll(async () => {
  engines.simd = await createEngine();
  engines.dawn = await WebGpuBackend.create();
});
afterAll(() => {
  for (const engine of Object.values(engines)) engine.destroy();
});

async function modelOf(engine: Backend, config: InterpolantConfig): Promise<Model> {
  const network = {
    ...{ dim: 2, outputs: 2, hidden: 12, inner: 20, blocks: 1, classes: CLASSES, labelWidth: 4 },
    ...{ pointFrequencies: 4, pointFrequencyScale: 0.2, timeFrequencies: 2 },
  };
  const model = new Model(engine, alike(config.heads, network), 2, false);
  const random = new CounterRandom(6, STREAM.test);
  // The output layer starts at zero: other values let everything be seen.
  const values = (await engine.read(model.store.values)).map((value, i) =>
    Math.fround(value + 0.1 * random.normal(i)),
  );
  engine.write(model.store.values, values);
  return model;
}

const relative = (found: Float64Array, exact: Float64Array) =>
  Math.hypot(...found.map((value, i) => value - exact[i])) / Math.hypot(...exact);

describe.each(['simd', 'dawn'])('%s', (name) => {
  it.each(CASES)('%s', async (_, config, options) => {
    const engine = engines[name];
    const model = await modelOf(engine, config);
    const { freeDiffusion } = solverByName(options.solver ?? 'heun');
    const diffusion = { name: 'sigma', scale: 0.7 } as const;
    const table = samplingTable(config, { steps: 6, ...(freeDiffusion ? { diffusion } : {}), ...options });
    const random = new CounterRandom(SEED, STREAM.start);
    const start = Float64Array.from({ length: 2 * N }, (_, i) => table.startScale * random.normal(i));
    const expected = integrate(table, await hostField(model, LABELS), start, { seed: SEED });
    const sampler = await Sampler.create(engine, model, model.store, table, SEED, 16);
    const { points } = await sampler.sample({ n: N, labels: LABELS });
    expect(relative(points, expected)).toBeLessThan(2e-5);
    // Guidance and noise must have had a say.
    expect(relative(expected, start)).toBeGreaterThan(0.01);
    sampler.destroy();
    model.destroy();
  });

  it.each([0, 1, 2])('dopri5 with guidance %f takes the steps that the host takes', async (guidance) => {
    const engine = engines[name];
    const model = await modelOf(engine, edm);
    const field = samplingField(edm);
    const options = { tolerance: { absolute: 1e-3, relative: 1e-3 }, guidance };
    const sampler = await AdaptiveSampler.create(engine, model, model.store, field, SEED, options);
    const n = 32;
    const random = new CounterRandom(SEED, STREAM.start);
    const start = Float64Array.from({ length: 2 * n }, (_, i) => field.baseScale * random.normal(i));
    const labels = Uint32Array.from({ length: n }, (_, i) => i % CLASSES);
    const { points } = await sampler.sample({ n, labels, start });
    const host = await integrateAdaptive(field, await hostField(model, labels), start, options);
    expect(sampler.evaluations).toBe(host.evaluations / n);
    expect(sampler.evaluations).toBeGreaterThan(14);
    expect(relative(points, host.points)).toBeLessThan(2e-5);
    // Guidance must have had a say.
    const other = await integrateAdaptive(field, await hostField(model, labels), start, {
      ...options,
      guidance: guidance + 1,
    });
    expect(relative(other.points, host.points)).toBeGreaterThan(0.01);
    sampler.destroy();
    model.destroy();
  });

  it('dopri5 draws its starts from the seed', async () => {
    const engine = engines[name];
    const model = await modelOf(engine, edm);
    const field = samplingField(edm);
    const tolerance = { absolute: 1e-3, relative: 1e-3 };
    const sampler = await AdaptiveSampler.create(engine, model, model.store, field, SEED, { tolerance });
    const { points } = await sampler.sample({ n: N, labels: LABELS });
    const random = new CounterRandom(SEED, STREAM.start);
    const start = Float64Array.from({ length: 2 * N }, (_, i) => field.baseScale * random.normal(i));
    const host = await integrateAdaptive(field, await hostField(model, LABELS), start, { tolerance });
    expect(relative(points, host.points)).toBeLessThan(2e-5);
    sampler.destroy();
    model.destroy();
  });

  it('dopri5 moves each particle as if it were alone', async () => {
    const engine = engines[name];
    const model = await modelOf(engine, linear);
    const options = { tolerance: { absolute: 1e-2, relative: 1e-2 }, guidance: 2 };
    const field = samplingField(linear);
    const n = 11;
    const random = new CounterRandom(SEED, STREAM.start);
    // Some far out, where the network's errors are others than near 0.
    const start = Float64Array.from({ length: 2 * n }, (_, i) => (i % 3 === 0 ? 30 : 1) * random.normal(i));
    const labels = Uint32Array.from({ length: n }, (_, i) => i % CLASSES);
    const sampler = await AdaptiveSampler.create(engine, model, model.store, field, SEED, options);
    const { points } = await sampler.sample({ n, labels, start });
    for (const i of [0, 5, n - 1]) {
      const own = { n: 1, labels: labels.slice(i, i + 1), start: start.slice(2 * i, 2 * i + 2) };
      expect((await sampler.sample(own)).points).toEqual(points.slice(2 * i, 2 * i + 2));
    }
    sampler.destroy();
    model.destroy();
  });

  it.each([
    [{ n: 0 }, /number of samples is 0/],
    [{ n: 2, start: Float64Array.of(0, 0, Number.NaN, 0) }, /not finite/],
    [{ n: 2, labels: Uint32Array.of(0, 9) }, /label 9 of sample 2/],
    [{ n: 2, labels: Uint32Array.of(0) }, /needs 2 labels/],
  ])('dopri5 refuses %j', async (samples, message) => {
    const engine = engines[name];
    const model = await modelOf(engine, linear);
    const sampler = await AdaptiveSampler.create(engine, model, model.store, samplingField(linear), SEED);
    await expect(sampler.sample({ labels: new Uint32Array(2), ...samples })).rejects.toThrow(message);
    sampler.destroy();
    model.destroy();
  });
});

describe('guidance', () => {
  it('needs a conditional model', async () => {
    const engine = engines.simd;
    const network = {
      ...{ dim: 2, outputs: 2, hidden: 4, inner: 4, blocks: 1, classes: 0, labelWidth: 0 },
      ...{ pointFrequencies: 0, pointFrequencyScale: 0, timeFrequencies: 0 },
    };
    const model = new Model(engine, alike(['velocity'], network), 2, false);
    const table = samplingTable(linear, { guidance: 2 });
    await expect(Sampler.create(engine, model, model.store, table, 1)).rejects.toThrow(
      /needs a conditional model/,
    );
    const field = samplingField(linear);
    await expect(
      AdaptiveSampler.create(engine, model, model.store, field, 1, { guidance: 2 }),
    ).rejects.toThrow(/needs a conditional model/);
  });
});

it('a run from data to noise needs the points that it begins at', async () => {
  const engine = engines.simd;
  const model = await modelOf(engine, linear);
  const labels = Uint32Array.of(0);
  const table = samplingTable(linear, { backward: true, steps: 3 });
  const sampler = await Sampler.create(engine, model, model.store, table, 1, 1);
  await expect(sampler.sample({ n: 1, labels })).rejects.toThrow(/begins at data: give the points/);
  await expect(sampler.begin({ labels })).rejects.toThrow(/begins at data: give the points/);
  await sampler.sample({ n: 1, labels, start: Float64Array.of(1, 2) });
  const field = samplingField(linear);
  const adaptive = await AdaptiveSampler.create(engine, model, model.store, field, 1, { backward: true });
  await expect(adaptive.sample({ n: 1, labels })).rejects.toThrow(/begins at data: give the points/);
  sampler.destroy();
  adaptive.destroy();
  model.destroy();
});
