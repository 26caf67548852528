import type { Backend } from '../../src/backend/backend.js';
import { swigluForward } from '../../src/backend/contracts/swiglu.js';
import { Trace } from '../../src/backend/trace.js';
import { trainingSet } from '../../src/data/dataset.js';
import { distributionByName } from '../../src/data/registry.js';
import type { TributaryError } from '../../src/errors.js';
import { ExcessMonitor } from '../../src/families/interpolant/excess.js';
import { reflowPairs } from '../../src/families/interpolant/reflow.js';
import { buildModel } from '../../src/families/shape.js';
import { flowLikelihood, samplesWithLogDensity } from '../../src/likelihood/flow_likelihood.js';
import { networkBound } from '../../src/likelihood/network_bound.js';
import { createTrainer } from '../../src/run/create_trainer.js';
import { runConfig } from '../../src/run/defaults.js';
import { AdaptiveSampler } from '../../src/samplers/adaptive.js';
import { fieldOf } from '../../src/samplers/field.js';
import { adaptiveSampling, samplingTable } from '../../src/samplers/plan.js';
import { HostParticlePlayer, ParticlePlayer } from '../../src/samplers/player.js';
import { Sampler } from '../../src/samplers/sampler.js';
import { solverByName } from '../../src/samplers/solvers.js';
import { uniformGrid } from '../../src/samplers/table.js';
import { encodeModel, restoreModel } from '../../src/train/checkpoint.js';

/**
 * What becomes of everything that waits for an engine when that comes to its end: by `destroy`, by the loss of its
 * device, by the death of a thread. Walked on every backend.
 */

const network = { hidden: 8, inner: 8, blocks: 1, pointFrequencies: 0, timeFrequencies: 2 };
const dataset = trainingSet(distributionByName('gaussian-2'), 8, 0);
const { name, rows, dim } = dataset;
const config = runConfig({
  family: 'flow-matching',
  data: { name, rows, dim, ambient: 0, classes: 0, digest: '' },
  transform: { offset: new Array(dim).fill(0), scale: 1 },
  network,
  settings: { timeCells: 16 },
  steps: 1_000_000,
  batch: 64,
});
const units = { offset: new Array<number>(dim).fill(0), scale: 1 };
const table = samplingTable(config.settings, { solver: 'heun', steps: 40 });
const many = 200_000;

const trainer = (engine: Backend) => createTrainer(engine, config, dataset);
const model = (engine: Backend) => buildModel(engine, config);
const sampler = (engine: Backend, tile = 64) => {
  const own = model(engine);
  return Sampler.create(engine, own, own.store, table, 1, tile);
};
const toItsEnd = async (player: ParticlePlayer | HostParticlePlayer) => {
  await player.begin();
  while (await player.advance());
};
const points = (n: number) => Float64Array.from({ length: n * dim }, (_, i) => Math.sin(i));

function longTrace(engine: Backend): Trace {
  const n = 4096;
  const [gate, up, a] = ['gate', 'up', 'a'].map((label) => engine.allocate(n, label));
  const trace = new Trace();
  trace.call(swigluForward, { gate, up, a }, { n });
  return trace;
}

/** Everything of the public API that gives a promise: what it needs first, and the call. It may take long. */
export const OPERATIONS: Readonly<Record<string, (engine: Backend) => Promise<() => Promise<unknown>>>> = {
  'Trainer.create': async (engine) => () => trainer(engine),
  'Trainer.train': async (engine) => {
    const own = await trainer(engine);
    return () => own.train(900_000);
  },
  'Trainer.flush': async (engine) => {
    const own = await trainer(engine);
    await own.train(2);
    return () => own.flush();
  },
  'Trainer.state': async (engine) => {
    const own = await trainer(engine);
    const training = own.train(300);
    training.catch(() => undefined);
    return () => own.state();
  },
  restoreModel: async (engine) => {
    const own = await trainer(engine);
    const bytes = encodeModel(own.model, await own.state());
    return () => restoreModel(own, bytes, 'it', 0);
  },
  'ExcessMonitor.create': async (engine) => {
    const own = await trainer(engine);
    return () => ExcessMonitor.create(own, dataset);
  },
  'ExcessMonitor.measure': async (engine) => {
    const monitor = (await ExcessMonitor.create(await trainer(engine), dataset)) as ExcessMonitor;
    return () => monitor.measure(0);
  },
  reflowPairs: async (engine) => {
    const own = await trainer(engine);
    return () => reflowPairs({ config, model: own.model }, null, 1);
  },
  'Sampler.create': async (engine) => () => sampler(engine),
  'Sampler.sample': async (engine) => {
    const own = await sampler(engine);
    return () => own.sample({ n: many, frames: [0, 20] });
  },
  'Sampler.begin, advance': async (engine) => {
    const own = await sampler(engine);
    return async () => {
      await own.begin();
      for (let step = 0; step < own.stepCount; step++) await own.advance(1);
    };
  },
  ParticlePlayer: async (engine) => {
    const player = new ParticlePlayer(engine, await sampler(engine));
    return () => toItsEnd(player);
  },
  HostParticlePlayer: async (engine) => {
    const player = new HostParticlePlayer(engine, await sampler(engine));
    return () => toItsEnd(player);
  },
  'AdaptiveSampler.sample': async (engine) => {
    const own = model(engine);
    const { field, options } = adaptiveSampling(config.settings, {});
    const adaptive = await AdaptiveSampler.create(engine, own, own.store, field, 1, options);
    return () => adaptive.sample({ n: 5000 });
  },
  flowLikelihood: async (engine) => {
    const own = model(engine);
    const grid = uniformGrid(50).reverse();
    const options = { solver: solverByName('rk4'), grid, tile: 64, units, points: points(1000) };
    return () => flowLikelihood(engine, own, own.store, options);
  },
  samplesWithLogDensity: async (engine) => {
    const own = model(engine);
    const options = { solver: solverByName('rk4'), grid: uniformGrid(50), tile: 64, units, n: many };
    return () => samplesWithLogDensity(engine, own, own.store, options);
  },
  networkBound: async (engine) => {
    const own = model(engine);
    const field = fieldOf(config.settings);
    const { schedule, range } = field;
    const options = { field, schedule, range, times: 20, truncation: 0.01, units, seed: 1 };
    return () => networkBound(engine, own, own.store, points(50), options);
  },
  'engine.compile': async (engine) => {
    const trace = longTrace(engine);
    return () => engine.compile(trace, 'it');
  },
  'Plan.run': async (engine) => {
    const plan = await engine.compile(longTrace(engine), 'it');
    return () => plan.run(300);
  },
  'engine.read': async (engine) => {
    const array = engine.allocate(64, 'it');
    const plan = await engine.compile(longTrace(engine), 'it');
    plan.run(200).catch(() => undefined);
    return () => engine.read(array);
  },
  'engine.finish': async (engine) => {
    const plan = await engine.compile(longTrace(engine), 'it');
    plan.run(200).catch(() => undefined);
    return () => engine.finish();
  },
};

/** When the end comes, seen from the call. `before` is the only one at which every call has to fail. */
export const MOMENTS: Readonly<Record<string, (() => Promise<unknown>) | null>> = {
  before: null,
  'at once': async () => undefined,
  'some ticks later': async () => {
    for (let tick = 0; tick < 7; tick++) await null;
  },
  'a turn of the event loop later': () => new Promise((resolve) => setImmediate(resolve)),
  'some milliseconds later': () => new Promise((resolve) => setTimeout(resolve, 15)),
};

/** Far beyond what anything here takes that settles at all. */
const HANGING_MS = 30_000;

/** 'resolved', the code of the error, or what else was thrown. */
const settlingOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: TributaryError) =>
      error?.name === 'TributaryError' ? error.code : `not typed: ${(error as Error)?.stack ?? error}`,
  );

/** The same, or 'hangs', counted from now. */
async function withinLimit(settling: Promise<string>): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hanging = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('hangs'), HANGING_MS);
  });
  try {
    return await Promise.race([settling, hanging]);
  } finally {
    clearTimeout(timer);
  }
}

/** News of a loss take a while. */
async function known(engine: Backend): Promise<void> {
  while ((await withinLimit(settlingOf(engine.finish()))) === 'resolved')
    await new Promise((resolve) => setTimeout(resolve, 2));
}

/** What has been read back already may be had of an engine that has ended. */
const MAY_RESOLVE = new Set(['Trainer.flush']);

/**
 * Calls operations, all at once, and ends their engine at a moment; then calls them once more.
 * @param end what ends it, without waiting for anything
 * @param code what every promise has to reject with that does not resolve
 * @returns what is wrong, in words, and how many promises have rejected
 */
export async function endDuring(
  engine: Backend,
  operations: readonly string[],
  moment: string,
  end: () => void,
  code: string,
): Promise<{ wrong: string[]; rejected: number }> {
  const calls: (readonly [string, () => Promise<unknown>])[] = [];
  for (const name of operations) {
    const call = await OPERATIONS[name](engine);
    // A call on an engine that has ended may throw rather than reject.
    calls.push([name, async () => call()]);
  }
  const wait = MOMENTS[moment];
  const begin = () => calls.map(([name, call]) => [name, settlingOf(call())] as const);
  const wrong: string[] = [];
  let rejected = 0;
  const look = async (begun: ReturnType<typeof begin>, when: string, mayResolve: boolean) => {
    for (const [name, outcome] of begun) {
      const found = await withinLimit(outcome);
      if (found === code) rejected++;
      else if (found !== 'resolved' || !(mayResolve || MAY_RESOLVE.has(name)))
        wrong.push(`${name}, ${when}: ${found}`);
    }
  };
  if (wait !== null) {
    const begun = begin();
    await wait();
    end();
    await look(begun, moment, true);
  } else end();
  const during = rejected;
  await known(engine);
  await look(begin(), 'after the end', false);
  return { wrong, rejected: during };
}

/** Rejections that nobody heard since the last look. */
export function unheardRejections(): () => unknown[] {
  const seen: unknown[] = [];
  process.on('unhandledRejection', (reason) => seen.push(reason));
  return () => seen.splice(0);
}
