/** Trains one model at a time, off the page's thread. */
import {
  type Course,
  createEngine,
  type Dataset,
  type Engine,
  ExcessMonitor,
  evaluationSteps,
  isInterpolant,
  openModel,
  type RunConfig,
  type StepRecord,
  TributaryError,
} from 'tributary-engine';
import { modelFile, openCourse, takeSteps, wholeState } from './course.js';
import { answer, toJudge } from './judging.js';
import type { FromJudge, FromTrainer, ToTrainer } from './messages.js';
import { configOf, datasetOf, JUDGE, JUDGED, labelsOf, optionsOf, travellingConfig } from './recipe.js';

/** How long a burst of steps lasts: messages come in between. */
const BURST_MS = 60;
const MODEL_MS = 700;
const EXCESS_MS = 900;
const EVALUATION_MS = 15_000;
/** What a reload in the middle loses at most. */
const STATE_MS = 3000;

interface Run {
  readonly id: number;
  readonly engine: Engine;
  readonly course: Course;
  readonly config: RunConfig;
  /** The config that goes into the model's file. */
  readonly travelling: RunConfig;
  readonly dataset: Dataset;
  /** The step whose metrics have been sent. */
  evaluated: number;
}

let run: Run | null = null;
/** The run that was asked for last: what belongs to another is left as it is. */
let newest = -1;
let until = 0;
let looping = false;
let queue: Promise<void> = Promise.resolve();

const post = (message: FromTrainer | FromJudge, transfer: Transferable[] = []) =>
  postMessage(message, { transfer });

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

async function open(message: Extract<ToTrainer, { type: 'open' }>): Promise<void> {
  close();
  const { choice, saved } = message;
  const dataset = datasetOf(choice);
  const config = configOf(choice, dataset);
  const engine = await engineFor(message.backend);
  let course: Course;
  try {
    course = await openCourse(engine, config, dataset, saved);
  } catch (error) {
    engine.destroy();
    throw error;
  }
  if (message.run !== newest) {
    course.destroy();
    engine.destroy();
    return;
  }
  const own: Run = {
    id: message.run,
    engine,
    course,
    config,
    travelling: travellingConfig(config, choice),
    dataset,
    evaluated: saved?.history.evaluation?.step ?? 0,
  };
  run = own;
  const { monitor } = course;
  post({
    type: 'opened',
    run: message.run,
    device: engine.device,
    parameters: course.model.store.length,
    step: course.step,
    memorising: monitor instanceof ExcessMonitor ? monitor.memorisingExcess : null,
  });
  await sendModel(own);
  await messagesFirst();
  // What had been kept before it was judged.
  if (until <= course.step) await judge(own);
}

function close(): void {
  if (run === null) return;
  run.course.destroy();
  run.engine.destroy();
  run = null;
}

const total = ({ step, losses }: StepRecord): [number, number] => [
  step,
  Object.values(losses).reduce((sum, loss) => sum + loss, 0),
];

async function sendModel({ id, course, travelling }: Run): Promise<void> {
  const bytes = await modelFile(course, travelling);
  post({ type: 'model', run: id, step: course.step, bytes }, [bytes.buffer]);
}

async function sendState({ id, course }: Run): Promise<void> {
  const { bytes, before } = await wholeState(course);
  post({ type: 'state', run: id, step: course.step, bytes, before }, [bytes.buffer]);
}

async function sendExcess({ id, course }: Run): Promise<void> {
  const { monitor, step } = course;
  if (monitor instanceof ExcessMonitor)
    post({ type: 'excess', run: id, record: await monitor.measure(step) });
}

async function sendEvaluation(own: Run): Promise<void> {
  const { engine, course, config, dataset, travelling } = own;
  if (course.step === 0) return;
  const trained = await openModel(engine, await modelFile(course, travelling));
  const labels = labelsOf(config, JUDGED, -1);
  try {
    const { points } = await trained.sample({
      ...{ n: JUDGED, tile: JUDGED, seed: 1, ...(labels ? { labels } : {}) },
      ...(isInterpolant(config) ? { sampling: optionsOf(config, JUDGE) } : {}),
    });
    if (!points.every(Number.isFinite)) return;
    // Who has chosen another model meanwhile does not wait for this one's metrics.
    const steps = evaluationSteps(toJudge(points, labels, config, dataset));
    let next = steps.next();
    for (; !next.done; next = steps.next()) {
      await messagesFirst();
      if (own.id !== newest) return;
    }
    post({ type: 'evaluation', run: own.id, step: course.step, result: next.value });
    own.evaluated = course.step;
  } finally {
    trained.destroy();
  }
}

/** The metrics of a model that rests, and once more what is kept, so that they are kept with it. */
async function judge(own: Run): Promise<void> {
  if (own.id !== newest || own.evaluated === own.course.step) return;
  await sendEvaluation(own);
  if (own.evaluated === own.course.step) await sendState(own);
}

const messagesFirst = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** Trains until told otherwise; what it sends goes by the clock. */
async function loop(own: Run): Promise<void> {
  const { course } = own;
  let count = 4;
  let [model, excess, evaluation] = [performance.now(), 0, performance.now()];
  let state = performance.now();
  while (own.id === newest && course.step < until) {
    const start = performance.now();
    const before = course.step;
    const records = await takeSteps(course, Math.min(count, until - course.step));
    const took = performance.now() - start;
    const done = course.step - before;
    post({
      type: 'progress',
      run: own.id,
      step: course.step,
      loss: records.map(total),
      rate: (done / took) * 1000,
    });
    if (done === count)
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
  const rest = (await course.flush()).map(total);
  post({ type: 'progress', run: own.id, step: course.step, loss: rest, rate: 0 });
  // A choice that replaces this one does not undo its last steps.
  if (own.id !== newest) return sendState(own);
  await sendModel(own);
  post({ type: 'stopped', run: own.id, step: course.step });
  await sendExcess(own);
  await sendState(own);
  await messagesFirst();
  await judge(own);
}

async function start(): Promise<void> {
  if (looping || run === null || run.id !== newest) return;
  looping = true;
  const own = run;
  try {
    await loop(own);
  } catch (error) {
    // The same steps would fail again, and again at once.
    if (own.id === newest) until = 0;
    fail(own.id, error);
  } finally {
    looping = false;
  }
  // Told to go on while the last messages were on their way.
  if (run !== null && run.course.step < until) void start();
}

addEventListener('message', ({ data }: MessageEvent<ToTrainer>) => {
  if (data.type === 'judge') {
    post(answer(data));
    return;
  }
  if (data.type === 'pause') {
    until = 0;
    return;
  }
  if (data.type === 'run') {
    until = data.until;
    queue = queue.then(() => void start());
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
