/** Moves particles on the CPU, off the page's thread, and sends every step. */
import {
  buildModel,
  createEngine,
  type Engine,
  loadModel,
  type Model,
  type RunConfig,
  TributaryError,
} from 'tributary-engine';
import { lostWords } from './lost.js';
import type { FromSampler, ToSampler } from './messages.js';
import { configOf, datasetOf, labelsOf, type ModelChoice } from './recipe.js';
import { generatorOf, velocityAt } from './way.js';

/** Of an error that ends none. */
const NO_JOB = -1;

let engine: Engine | null = null;
let model: { key: string; config: RunConfig; model: Model; bytes: Uint8Array } | null = null;
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
    next = { key, config, model: buildModel(own, config), bytes };
  }
  loadModel(next.model, bytes, 'the model');
  model = { ...next, bytes };
}

async function sample({ job, choice }: Extract<ToSampler, { type: 'sample' }>): Promise<void> {
  if (model === null || job !== wanted) return;
  const own = await engineNow();
  const { config, model: network, bytes } = model;
  const generator = await generatorOf(config, network, bytes, choice);
  const { times, noise, jumps, stepCount } = generator;
  const labels = labelsOf(config, choice.n, choice.label);
  try {
    await generator.begin(labels ? { labels } : {});
    for (let step = 0; step <= stepCount && job === wanted; step++) {
      if (step > 0) await generator.advance(1);
      const points = Float32Array.from(await own.read(generator.particles));
      const lost = step === stepCount ? lostWords(points) : null;
      post({ type: 'frame', job, step, times, noise, jumps, points }, [points.buffer]);
      // Those that are left are shown: no job fails.
      if (lost !== null)
        post({ type: 'error', job: lost.all ? job : NO_JOB, code: 'not-finite', message: lost.words });
      await messagesFirst();
    }
  } finally {
    generator.destroy();
  }
}

async function field({ job, t, points, label }: Extract<ToSampler, { type: 'field' }>): Promise<void> {
  if (model === null) return;
  const { config, model: network } = model;
  const velocity = await velocityAt(await engineNow(), config, network, { t, points, label });
  post({ type: 'field', job, velocity }, [velocity.buffer]);
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
