/** Moves particles on the CPU, off the page's thread, and sends every step. */
import {
  buildModel,
  createEngine,
  type Engine,
  type InterpolantRun,
  loadModel,
  type Model,
  Sampler,
  TributaryError,
} from 'tributary-engine';
import { lostWords } from './lost.js';
import type { FromSampler, ToSampler } from './messages.js';
import { configOf, datasetOf, fieldTable, labelsOf, type ModelChoice, tableOf } from './recipe.js';

/** Of an error that ends none. */
const NO_JOB = -1;

let engine: Engine | null = null;
let model: { key: string; config: InterpolantRun; model: Model } | null = null;
let wanted = 0;
let queue: Promise<void> = Promise.resolve();

const post = (message: FromSampler, transfer: Transferable[] = []) => postMessage(message, { transfer });
const messagesFirst = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

async function engineNow(): Promise<Engine> {
  if (engine === null) {
    engine = await createEngine({
      threads: Math.max(1, Math.ceil((navigator.hardwareConcurrency ?? 2) / 2)),
    });
    post({ type: 'device', device: engine.device });
  }
  return engine;
}

async function setModel(choice: ModelChoice, bytes: Uint8Array): Promise<void> {
  const own = await engineNow();
  const key = JSON.stringify(choice);
  let next = model;
  // Where the new one fails, no particles are moved by the old one in its place.
  model = null;
  if (next?.key !== key) {
    next?.model.destroy();
    const config = configOf(choice, datasetOf(choice));
    next = { key, config, model: buildModel(own, config) };
  }
  loadModel(next.model, bytes, 'the model');
  model = next;
}

async function sample({ job, choice }: Extract<ToSampler, { type: 'sample' }>): Promise<void> {
  if (model === null || job !== wanted) return;
  const own = await engineNow();
  const { config, model: network } = model;
  const table = tableOf(config, choice);
  const sampler = await Sampler.create(own, network, network.store, table, choice.seed, choice.n);
  const labels = labelsOf(config, choice.n, choice.label);
  try {
    await sampler.begin(labels ? { labels } : {});
    for (let step = 0; step <= table.steps && job === wanted; step++) {
      if (step > 0) await sampler.advance(1);
      const points = Float32Array.from(await own.read(sampler.particles));
      const { times, noise } = table;
      const lost = step === table.steps ? lostWords(points) : null;
      post({ type: 'frame', job, step, times, noise, points }, [points.buffer]);
      // Those that are left are shown: no job fails.
      if (lost !== null)
        post({ type: 'error', job: lost.all ? job : NO_JOB, code: 'not-finite', message: lost.words });
      await messagesFirst();
    }
  } finally {
    sampler.destroy();
  }
}

async function field({ job, t, points, label }: Extract<ToSampler, { type: 'field' }>): Promise<void> {
  if (model === null) return;
  const { config, model: network } = model;
  const n = points.length / 2;
  const { table, h } = fieldTable(config, t);
  const sampler = await Sampler.create(await engineNow(), network, network.store, table, 0, n);
  try {
    // The whole field, without a label, unless one is asked for.
    const labels = labelsOf(config, n, label >= 0 ? label : config.data.classes);
    const moved = await sampler.sample({ n, start: points, ...(labels ? { labels } : {}) });
    const velocity = moved.points.map((value, i) => (value - points[i]) / h);
    post({ type: 'field', job, velocity }, [velocity.buffer]);
  } finally {
    sampler.destroy();
  }
}

addEventListener('message', ({ data }: MessageEvent<ToSampler>) => {
  if (data.type === 'stop') {
    wanted = -1;
    return;
  }
  if (data.type === 'sample') wanted = data.job;
  queue = queue
    .then(() =>
      data.type === 'model'
        ? setModel(data.choice, data.bytes)
        : data.type === 'sample'
          ? sample(data)
          : field(data),
    )
    .catch((error: unknown) => {
      const code = error instanceof TributaryError ? error.code : 'error';
      const job = 'job' in data ? data.job : 0;
      post({ type: 'error', job, code, message: error instanceof Error ? error.message : String(error) });
    });
});
