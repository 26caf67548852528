/** Priors and levels of latents against closed forms and quadrature. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { datasetFromPoints } from '../../src/data/dataset.js';
import { createEngine } from '../../src/engine.js';
import type { LatentSettings } from '../../src/families/latent/family.js';
import { logPriorDensity } from '../../src/families/latent/prior.js';
import type { LikelihoodBound } from '../../src/model/likelihood.js';
import type { RunConfig } from '../../src/model/run_config.js';
import { createTrainer } from '../../src/run/create_trainer.js';
import { openModel, type TrainedModel } from '../../src/run/trained.js';
import { encodeModel } from '../../src/train/checkpoint.js';
import {
  bentPoints,
  configOf,
  evaluated,
  handSet,
  LINEAR,
  logNormal,
  mean,
  outputs,
  trained,
} from './latent_run.js';

let engine: Backend;
let exact: Backend;
beforeAll(async () => {
  engine = await createEngine();
  exact = new CpuBackend('f64');
});
afterAll(() => {
  engine.destroy();
  exact.destroy();
});

const PRIORS = ['normal', 'mixture', 'vamp'] as const;

const grid = (rows: number, low: number, high: number) =>
  Float64Array.from({ length: rows }, (_, i) => low + ((high - low) * i) / (rows - 1));

const logSumExp = (values: readonly number[]) => {
  const largest = Math.max(...values);
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
};

const configOfModel = (model: TrainedModel) => model.config as unknown as RunConfig<LatentSettings>;

/** ln p(z) as the engine records it, of one latent coordinate. */
const recordedPrior = (model: TrainedModel, z: Float64Array) =>
  evaluated(model, z, 1, (of, at) => logPriorDensity(of, configOfModel(model), at));

const clamped = (logvar: number) => Math.min(4, Math.max(-16, logvar));

/** ln p(z) by its definition, of one latent coordinate. */
async function definedPrior(model: TrainedModel, z: Float64Array): Promise<Float64Array> {
  const { prior, components } = configOfModel(model).settings;
  const { store, engine: own } = model.model;
  const read = (name: string) => own.read(store.get(name).value);
  if (prior === 'normal') return z.map((value) => logNormal(value));
  const parts: { weight: number; mean: number; variance: number }[] = [];
  if (prior === 'mixture') {
    const [logits, means, logvars] = [
      await read('prior.logits'),
      await read('prior.mean'),
      await read('prior.logvar'),
    ];
    const total = logSumExp([...logits]);
    for (let k = 0; k < components; k++)
      parts.push({ weight: logits[k] - total, mean: means[k], variance: Math.exp(logvars[k]) });
  } else {
    const inputs = Float64Array.from(await read('prior.inputs'));
    const encoded = await outputs(model, 'encoder', inputs, model.config.data.dim);
    for (let k = 0; k < components; k++) {
      const variance = Math.exp(clamped(encoded[2 * k + 1]));
      parts.push({ weight: -Math.log(components), mean: encoded[2 * k], variance });
    }
  }
  return z.map((value) =>
    logSumExp(parts.map(({ weight, mean: at, variance }) => weight + logNormal(value, at, variance))),
  );
}

/** ln ∬ p(z₂) p(z₁|z₂) p(x|z₁) of points in the plane, one coordinate a level, by the trapezium rule. */
async function quadrature(model: TrainedModel, x: Float64Array): Promise<Float64Array> {
  const [upper, lower] = [grid(321, -12, 12), grid(121, -7, 7)];
  const prior = await definedPrior(model, upper);
  const below = await outputs(model, 'lower-prior', upper, 1);
  const z1 = Float64Array.from({ length: upper.length * lower.length }, (_, i) => {
    const at = Math.floor(i / lower.length);
    return below[2 * at] + Math.exp(clamped(below[2 * at + 1]) / 2) * lower[i % lower.length];
  });
  const decoded = await outputs(model, 'decoder', z1, 1);
  const [logvar] = await engine.read(model.model.store.get('noise.logvar').value);
  const variance = Math.exp(logvar);
  const weight = Float64Array.from(z1, (_, i) => {
    const [at, own] = [Math.floor(i / lower.length), i % lower.length];
    return Math.exp(prior[at] + logNormal(lower[own])) * (upper[1] - upper[0]) * (lower[1] - lower[0]);
  });
  return Float64Array.from({ length: x.length / 2 }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < z1.length; k++) {
      const square = (x[2 * i] - decoded[2 * k]) ** 2 + (x[2 * i + 1] - decoded[2 * k + 1]) ** 2;
      sum += weight[k] * Math.exp(-square / (2 * variance));
    }
    return Math.log(sum / (2 * Math.PI * variance));
  });
}

describe.each(PRIORS)('two levels, prior %s', (prior) => {
  const points = bentPoints();
  let model: TrainedModel;
  beforeAll(async () => {
    const network = { hidden: 16, inner: 16, blocks: 1 };
    const settings = { latent: 1, prior, components: 4, sigma: 0.3 };
    model = await trained(engine, 'hvae', points, 2, settings, { steps: 500, network });
  });
  afterAll(() => model.destroy());

  it('has bounds that rise with k towards ln p, found by quadrature', async () => {
    const judged = points.slice(0, 2 * 100);
    const bounds: { value: number; error: number }[] = [];
    for (const steps of [1, 5, 50]) {
      const bound = (await model.likelihood(judged, { seed: 7, settings: { steps } })) as LikelihoodBound;
      expect(bound.samples).toBe(steps);
      bounds.push({ value: mean(bound.nats), error: bound.monteCarloError });
    }
    const known = mean(await quadrature(model, judged));
    const [one, five, fifty] = bounds;
    expect(five.value).toBeGreaterThan(one.value - 3 * (one.error + five.error));
    expect(fifty.value).toBeGreaterThan(five.value - 3 * (five.error + fifty.error));
    expect(known).toBeGreaterThan(fifty.value - 3 * fifty.error);
    expect(known - fifty.value).toBeLessThan(0.08);
  });

  it('has a prior that integrates to 1, and is what its definition says', async () => {
    const z = grid(4001, -12, 12);
    const recorded = await recordedPrior(model, z);
    const defined = await definedPrior(model, z);
    recorded.forEach((value, i) => {
      expect(Math.abs(value - defined[i])).toBeLessThan(1e-3 * Math.max(1, Math.abs(defined[i])));
    });
    const integral = recorded.reduce((sum, value) => sum + Math.exp(value) * (z[1] - z[0]), 0);
    expect(integral).toBeCloseTo(1, 4);
  });

  // Nothing makes it use the upper one where a prior that is learned says as much as a level.
  it.runIf(prior === 'normal')('uses both levels', async () => {
    const x = points.slice(0, 2 * 200);
    const gaussians = (values: Float64Array) =>
      Array.from({ length: values.length / 2 }, (_, i) => ({
        mean: values[2 * i],
        variance: Math.exp(clamped(values[2 * i + 1])),
      }));
    const upper = gaussians(await outputs(model, 'encoder', x, 2));
    const z2 = Float64Array.from(
      upper,
      ({ mean: at, variance }, i) => at + Math.sqrt(variance) * Math.sin(7 * i),
    );
    const joined = Float64Array.from({ length: 3 * z2.length }, (_, i) => {
      const row = Math.floor(i / 3);
      return i % 3 < 2 ? x[2 * row + (i % 3)] : z2[row];
    });
    const lower = gaussians(await outputs(model, 'lower-encoder', joined, 3));
    const below = gaussians(await outputs(model, 'lower-prior', z2, 1));
    const divergence = (q: (typeof upper)[0], p: (typeof upper)[0]) =>
      0.5 * (Math.log(p.variance / q.variance) + (q.variance + (q.mean - p.mean) ** 2) / p.variance - 1);
    expect(mean(lower.map((q, i) => divergence(q, below[i])))).toBeGreaterThan(0.1);
    // Of the upper level what q says of x: how far it is from its own average over the data.
    const centre = mean(upper.map((q) => q.mean));
    const variance = mean(upper.map((q) => q.variance + (q.mean - centre) ** 2));
    expect(mean(upper.map((q) => divergence(q, { mean: centre, variance })))).toBeGreaterThan(0.1);
  });
});

it('L_k is ln p for every k where q is the exact posterior, over two levels', async () => {
  // z₂ ~ N(0, 1), z₁ ~ N(a z₂, s²), x ~ N(w z₁, σ²): all conditionals are linear and Gaussian.
  const [a, s, w, sigma] = [0.8, 0.6, 1.5, 0.4];
  const x = Float64Array.of(-3, -0.7, 0, 0.4, 2.5);
  const variance = w * w * (a * a + s * s) + sigma * sigma;
  const upper = { gain: (a * w) / variance, variance: 1 - (a * w) ** 2 / variance };
  const precision = (w / sigma) ** 2 + 1 / (s * s);
  for (const settings of [{ prior: 'normal' }, { prior: 'mixture', components: 1 }] as const) {
    const config = configOf('hvae', 5, 1, {
      settings: { latent: 1, variance: 'fixed', sigma, ...settings },
      network: LINEAR,
      steps: 1,
    });
    const file = handSet(config, {
      encoder: { weight: [[upper.gain], [0]], bias: [0, Math.log(upper.variance)] },
      'lower-encoder': {
        weight: [
          [w / (sigma * sigma) / precision, a / (s * s) / precision],
          [0, 0],
        ],
        bias: [0, -Math.log(precision)],
      },
      'lower-prior': { weight: [[a], [0]], bias: [0, 2 * Math.log(s)] },
      decoder: { weight: [[w]], bias: [0] },
    });
    const model = await openModel(exact, file);
    for (const steps of [1, 5, 50]) {
      const bound = (await model.likelihood(x, { seed: 2, settings: { steps } })) as LikelihoodBound;
      // What a file keeps of the weights are float32.
      bound.nats.forEach((nats, i) => expect(nats).toBeCloseTo(logNormal(x[i], 0, variance), 5));
      expect(bound.monteCarloError).toBeLessThan(1e-5);
    }
    model.destroy();
  }
});

describe('a Vamp prior', () => {
  const dim = 2;
  const points = bentPoints(40);
  const dataset = datasetFromPoints('own', points, dim);
  const begun = async (components: number) => {
    const config = configOf('vae', 40, dim, {
      settings: { latent: 1, prior: 'vamp', components },
      network: { ...LINEAR, hidden: 16, inner: 16, blocks: 1 },
      steps: 1,
    });
    const trainer = await createTrainer(exact, config, dataset);
    const file = encodeModel(trainer.model, await trainer.state(), config as unknown as RunConfig);
    trainer.destroy();
    return openModel(exact, file);
  };
  const inputsOf = async (model: TrainedModel) =>
    Float64Array.from(await exact.read(model.model.store.get('prior.inputs').value));
  const rowsOf = (values: Float64Array) =>
    Array.from(
      { length: values.length / 2 },
      (_, i) => `${values[2 * i].toFixed(5)} ${values[2 * i + 1].toFixed(5)}`,
    );

  it('of every training point has a divergence of 0 from the aggregate posterior', async () => {
    const model = await begun(40);
    expect(rowsOf(await inputsOf(model)).sort()).toEqual(rowsOf(points).sort());
    const encoded = await outputs(model, 'encoder', points, dim);
    const z = grid(2001, -30, 30);
    const aggregate = z.map((value) => {
      const each = Array.from({ length: 40 }, (_, i) =>
        logNormal(value, encoded[2 * i], Math.exp(clamped(encoded[2 * i + 1]))),
      );
      return logSumExp(each) - Math.log(40);
    });
    const prior = await recordedPrior(model, z);
    const divergence = z.reduce(
      (sum, _, i) => sum + Math.exp(aggregate[i]) * (aggregate[i] - prior[i]) * (z[1] - z[0]),
      0,
    );
    model.destroy();
    expect(Math.abs(divergence)).toBeLessThan(1e-6);
  });

  it('begins at as many different points as there are, and near them where more are asked for', async () => {
    const few = await begun(7);
    const inputs = rowsOf(await inputsOf(few));
    few.destroy();
    expect(new Set(inputs).size).toBe(7);
    for (const row of inputs) expect(rowsOf(points)).toContain(row);
    const many = await begun(90);
    expect(new Set(rowsOf(await inputsOf(many))).size).toBe(90);
    many.destroy();
  });
});

it('a mixture of one component begins as the standard normal', async () => {
  const z = grid(201, -6, 6);
  const network = { ...LINEAR };
  const densities = await Promise.all(
    (['normal', 'mixture'] as const).map(async (prior) => {
      const config = configOf('vae', 5, 1, {
        settings: { latent: 1, prior, components: 1 },
        network,
        steps: 1,
      });
      const model = await openModel(exact, handSet(config, {}));
      const values = await recordedPrior(model, z);
      model.destroy();
      return values;
    }),
  );
  densities[1].forEach((value, i) => expect(value).toBeCloseTo(densities[0][i], 10));
});

it.each([
  { variance: 'analytic', samples: 3 },
  { prior: 'vamp', components: 5 },
  { prior: 'mixture', components: 5 },
] as const)('goes on to the bit: %o', async (settings) => {
  const dataset = datasetFromPoints('own', bentPoints(50), 2);
  const config = configOf('iwae', 50, 2, {
    settings,
    network: { ...LINEAR, blocks: 1 },
    steps: 6,
    batch: 16,
  });
  const whole = await createTrainer(engine, config, dataset);
  await whole.train(6);
  const first = await createTrainer(engine, config, dataset);
  await first.train(3);
  const second = await createTrainer(engine, config, dataset);
  second.restore(await first.state());
  await second.train(3);
  const [expected, got] = [await whole.state(), await second.state()];
  for (const trainer of [whole, first, second]) trainer.destroy();
  expect(got).toEqual(expected);
});
