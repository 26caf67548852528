/** Trains one model at a time, off the page's thread. */
import {
  createEngine,
  type Dataset,
  decodeSafetensors,
  decodeTrainingState,
  type Engine,
  ExcessMonitor,
  encodeModel,
  encodeTrainingState,
  evaluateSamples,
  type RunConfig,
  Sampler,
  type StepRecord,
  Trainer,
  TributaryError,
} from 'tributary';
import type { FromTrainer, Saved, ToTrainer } from './messages.js';
import { configOf, datasetOf, JUDGE, labelsOf, tableOf, travellingConfig } from './recipe.js';

/** How long a burst of steps lasts: messages come in between. */
const BURST_MS = 60;
const MODEL_MS = 700;
const EXCESS_MS = 900;
const EVALUATION_MS = 15_000;
/** What a reload in the middle loses at most. */
const STATE_MS = 3000;
const JUDGED = 1000;

interface Run {
  readonly id: number;
  readonly engine: Engine;
  readonly trainer: Trainer;
  readonly monitor: ExcessMonitor | null;
  readonly config: RunConfig;
  /** The config that goes into the model's file. */
  readonly travelling: RunConfig;
  readonly dataset: Dataset;
  sampler: Sampler | null;
  evaluated: number;
}

let run: Run | null = null;
/** The run that was asked for last: what belongs to another is left as it is. */
let newest = -1;
let until = 0;
let looping = false;
let queue: Promise<void> = Promise.resolve();

const post = (message: FromTrainer, transfer: Transferable[] = []) => postMessage(message, { transfer });

function fail(id: number, error: unknown): void {
  const code = error instanceof TributaryError ? error.code : 'error';
  post({ type: 'error', run: id, code, message: error instanceof Error ? error.message : String(error) });
}

async function engineFor(backend: string): Promise<Engine> {
  // Half of the cores: the page draws and samples on the others.
  const threads = Math.max(1, Math.floor((navigator.hardwareConcurrency ?? 2) / 2));
  try {
    return await createEngine({ backend: backend as 'auto', threads });
  } catch (error) {
    if (backend !== 'webgpu') throw error;
    // Some browsers have WebGPU on the page and not in a worker.
    return createEngine({ threads });
  }
}

function restore(trainer: Trainer, saved: Saved): void {
  if (saved.whole) {
    trainer.restore(decodeTrainingState(saved.bytes, 'the saved run'));
    return;
  }
  // A finished model without moments: they begin at 0.
  const { tensors } = decodeSafetensors(saved.bytes, 'the shipped model');
  const { parameters } = trainer.model.store;
  const values = new Map(parameters.map(({ name }) => [name, tensors.get(name)?.data as Float32Array]));
  const zeros = new Map(
    parameters.map(({ name }) => [name, new Float32Array(values.get(name)?.length ?? 0)]),
  );
  trainer.restore({ step: saved.step, parameters: values, average: values, m: zeros, v: zeros });
}

async function open(message: Extract<ToTrainer, { type: 'open' }>): Promise<void> {
  close();
  const { choice, saved } = message;
  const dataset = datasetOf(choice);
  const config = configOf(choice, dataset);
  const engine = await engineFor(message.backend);
  const trainer = await Trainer.create(engine, config, dataset);
  try {
    if (saved !== null) restore(trainer, saved);
  } catch (error) {
    trainer.destroy();
    engine.destroy();
    throw error;
  }
  if (message.run !== newest) {
    trainer.destroy();
    engine.destroy();
    return;
  }
  const monitor = await ExcessMonitor.create(trainer, dataset);
  const travelling = travellingConfig(config, choice);
  run = {
    id: message.run,
    engine,
    trainer,
    monitor,
    config,
    travelling,
    dataset,
    sampler: null,
    evaluated: 0,
  };
  post({
    type: 'opened',
    run: message.run,
    device: engine.device,
    parameters: trainer.model.store.length,
    step: trainer.step,
    memorising: monitor?.memorisingExcess ?? null,
  });
  await sendModel(run);
}

function close(): void {
  if (run === null) return;
  run.sampler?.destroy();
  run.monitor?.destroy();
  run.trainer.destroy();
  run.engine.destroy();
  run = null;
}

const total = ({ step, losses }: StepRecord): [number, number] => [
  step,
  Object.values(losses).reduce((sum, loss) => sum + loss, 0),
];

async function sendModel({ id, trainer, travelling }: Run): Promise<void> {
  const bytes = encodeModel(trainer.model, await trainer.state(), travelling);
  post({ type: 'model', run: id, step: trainer.step, bytes }, [bytes.buffer]);
}

async function sendState({ id, trainer }: Run): Promise<void> {
  const bytes = encodeTrainingState(trainer.model, await trainer.state());
  post({ type: 'state', run: id, step: trainer.step, bytes }, [bytes.buffer]);
}

async function sendExcess({ id, monitor, trainer }: Run): Promise<void> {
  if (monitor !== null) post({ type: 'excess', run: id, record: await monitor.measure(trainer.step) });
}

async function sendEvaluation(own: Run): Promise<void> {
  const { engine, trainer, config, dataset } = own;
  if (trainer.step === 0) return;
  own.sampler ??= await Sampler.create(
    engine,
    trainer.model,
    trainer.model.store.view(trainer.optimizer.average),
    tableOf(config, JUDGE),
    1,
    JUDGED,
  );
  const labels = labelsOf(config, JUDGED, -1);
  const { points } = await own.sampler.sample({ n: JUDGED, ...(labels ? { labels } : {}) });
  if (!points.every(Number.isFinite)) return;
  const result = evaluateSamples({
    points,
    ...(labels ? { labels } : {}),
    ...(dataset.distribution ? { distribution: dataset.distribution } : {}),
    training: dataset,
    family: config.family,
    seed: 1,
    floorDraws: 1,
  });
  post({ type: 'evaluation', run: own.id, step: trainer.step, result });
  own.evaluated = trainer.step;
}

const messagesFirst = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** Trains until told otherwise; what it sends goes by the clock. */
async function loop(own: Run): Promise<void> {
  const { trainer } = own;
  let count = 4;
  let [model, excess, evaluation] = [performance.now(), 0, performance.now()];
  let state = performance.now();
  while (own.id === newest && trainer.step < until) {
    const start = performance.now();
    const before = trainer.step;
    const records = await trainer.train(Math.min(count, until - trainer.step));
    const took = performance.now() - start;
    const rate = ((trainer.step - before) / took) * 1000;
    post({ type: 'progress', run: own.id, step: trainer.step, loss: records.map(total), rate });
    count = Math.min(128, Math.max(1, Math.round(count * Math.min(2, BURST_MS / Math.max(1, took)))));
    const now = performance.now();
    if (now - model > MODEL_MS) {
      await sendModel(own);
      model = performance.now();
    }
    if (now - excess > EXCESS_MS) {
      await sendExcess(own);
      excess = performance.now();
    }
    if (now - evaluation > EVALUATION_MS) {
      await sendEvaluation(own);
      evaluation = performance.now();
    }
    if (now - state > STATE_MS) {
      await sendState(own);
      state = performance.now();
    }
    await messagesFirst();
  }
  if (own.id !== newest) return;
  const rest = (await trainer.flush()).map(total);
  post({ type: 'progress', run: own.id, step: trainer.step, loss: rest, rate: 0 });
  await sendModel(own);
  post({ type: 'stopped', run: own.id, step: trainer.step });
  await sendExcess(own);
  await sendState(own);
  await messagesFirst();
  if (own.id !== newest || own.evaluated === trainer.step) return;
  await sendEvaluation(own);
  // Once more, so that the metrics are kept with it.
  await sendState(own);
}

async function start(): Promise<void> {
  if (looping || run === null || run.id !== newest) return;
  looping = true;
  const own = run;
  try {
    await loop(own);
  } catch (error) {
    fail(own.id, error);
  } finally {
    looping = false;
  }
  // Told to go on while the last messages were on their way.
  if (run !== null && run.trainer.step < until) void start();
}

addEventListener('message', ({ data }: MessageEvent<ToTrainer>) => {
  if (data.type === 'pause') {
    until = 0;
    return;
  }
  if (data.type === 'run') {
    until = data.until;
    queue = queue.then(() => void start());
    return;
  }
  if (data.type === 'state') {
    const own = run;
    if (own !== null && !looping)
      queue = queue.then(() => sendState(own)).catch((error) => fail(own.id, error));
    return;
  }
  until = 0;
  newest = data.run;
  queue = queue
    .then(async () => {
      while (looping) await messagesFirst();
      // A visitor who tries one choice after another waits for the last one only.
      if (data.run === newest) await open(data);
    })
    .catch((error) => fail(data.run, error));
});
