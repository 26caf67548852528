/** What may be chosen of the backbone, through whole runs: of one network, of two heads, of encoder and decoder. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { datasetFromPoints } from '../../src/data/dataset.js';
import { createEngine } from '../../src/engine.js';
import type { NetworkShape } from '../../src/model/run_config.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { checkRunConfig } from '../../src/run/config.js';
import { Course } from '../../src/run/course.js';
import { runConfig } from '../../src/run/defaults.js';
import { modelConfig, openModel } from '../../src/run/trained.js';
import { decodeTrainingState, encodeModel, encodeTrainingState } from '../../src/train/checkpoint.js';
import { difference } from '../../src/verify/kernels.js';

let engine: Backend;
const reference = new CpuBackend('f64');
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => {
  engine.destroy();
  reference.destroy();
});

const DIM = 6;
const ROWS = 40;
const random = new CounterRandom(4, STREAM.test);
const dataset = datasetFromPoints(
  'six',
  Float64Array.from({ length: ROWS * DIM }, (_, i) => Math.fround(random.normal(i))),
  DIM,
  Uint32Array.from({ length: ROWS }, (_, i) => i % 3),
);

const configOf = (family: string, network: Partial<NetworkShape>, conditional: boolean) =>
  runConfig<object>({
    family,
    data: {
      ...{ name: 'six', rows: ROWS, dim: DIM, ambient: 0, digest: '' },
      classes: conditional ? dataset.classes : 0,
    },
    transform: { offset: new Array<number>(DIM).fill(0), scale: 1 },
    network: {
      ...{ hidden: 8, inner: 8, blocks: 2, pointFrequencies: 2, timeFrequencies: 2, labelWidth: 2 },
      ...network,
    },
    ...{ steps: 6, batch: 16, seed: 5 },
  });

/** A whole training, the engine's numbers after every `every` steps written down and read again. */
async function trained(config: ReturnType<typeof configOf>, every: number) {
  let course = await Course.create(engine, config, dataset);
  while (!course.finished) {
    await course.train(every);
    const bytes = encodeTrainingState(course.trainer.model, await course.state());
    course.destroy();
    course = await Course.create(engine, config, dataset, {
      from: decodeTrainingState(bytes, 'it'),
      before: null,
    });
  }
  const state = await course.state();
  const model = encodeModel(course.trainer.model, state, config);
  const whole = encodeTrainingState(course.trainer.model, state);
  course.destroy();
  return { model, whole };
}

const NETWORKS: readonly Partial<NetworkShape>[] = [
  { norm: 'rms' },
  { bottleneck: 3 },
  { norm: 'rms', bottleneck: 1 },
];

describe.each(['flow-matching', 'stochastic-interpolant', 'iwae'])('%s', (family) => {
  it.each(NETWORKS.map((network) => [network, network.bottleneck !== 3] as const))(
    'with %o, conditional %s: goes on to the bit, and its file is the model',
    async (network, conditional) => {
      const config = configOf(family, network, conditional);
      checkRunConfig(config);
      const once = await trained(config, 6);
      const often = await trained(config, 2);
      expect(Buffer.compare(once.whole, often.whole)).toBe(0);
      expect(modelConfig(once.model, 'it')).toEqual(config);
      const text = Buffer.from(once.model).toString('latin1');
      expect(text.includes('.blocks.1.norm.weight')).toBe(network.norm === 'rms');
      expect(/\.(narrow|widen)\.weight/.test(text)).toBe(network.bottleneck !== undefined);
      const labels = conditional ? { labels: Uint32Array.from({ length: 30 }, (_, i) => i % 3) } : {};
      const judged = dataset.points.slice(0, 5 * DIM);
      const given = conditional ? { labels: dataset.labels.slice(0, 5) } : {};
      const asked = async (on: Backend) => {
        const model = await openModel(on, once.model);
        try {
          const sampling = { n: 30, seed: 4, ...labels };
          const { points } = await model.sample({ ...sampling, tile: 30 });
          expect((await model.sample({ ...sampling, tile: 7 })).points).toEqual(points);
          const likelihood = await model.likelihood(judged, { seed: 3, settings: { steps: 3 }, ...given });
          if (likelihood.kind === 'none') throw new Error(likelihood.why);
          return { points, nats: likelihood.nats };
        } finally {
          model.destroy();
        }
      };
      // WebAssembly in float32, and the kernels' references in float64.
      const [fast, exact] = [await asked(engine), await asked(reference)];
      expect(difference(fast.points, exact.points).relative).toBeLessThan(2e-5);
      expect(difference(fast.nats, exact.nats).relative).toBeLessThan(2e-5);
    },
  );
});

it('a bottleneck that narrows nothing is refused, and so is what is none', () => {
  const check = (network: Partial<NetworkShape>) => () => checkRunConfig(configOf('iwae', network, false));
  expect(check({ bottleneck: 5 })).not.toThrow();
  expect(check({ bottleneck: 6 })).toThrow(
    'network bottleneck is 6, which narrows nothing in this run; 0 is none, and below 6 it would',
  );
  expect(check({ bottleneck: -1 })).toThrow('network bottleneck is -1');
  expect(check({ bottleneck: 1.5 })).toThrow('network bottleneck is 1.5');
});
