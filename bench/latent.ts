/**
 * Families with latents on `corridor`, 1000 training points, beside models without a network, an untrained network and
 * fresh true points: `npm run bench:latent -- [SEEDS] [ONLY THIS ONE] [PART OF A NAME]`. Metrics are of 20 000 samples,
 * likelihoods of points that no model has seen. Rows gather in bench/results/latent.json, where those that are there are
 * not made again, and their table in latent.md.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Backend } from '../src/backend/backend.js';
import { fitBaseline } from '../src/baselines/baseline.js';
import { type BaselineName, baselineNames } from '../src/baselines/registry.js';
import { type Dataset, trainingSet } from '../src/data/dataset.js';
import { distributionByName } from '../src/data/registry.js';
import { createEngine } from '../src/engine.js';
import { copies } from '../src/metrics/copies.js';
import { frechet } from '../src/metrics/frechet.js';
import { logPTrue } from '../src/metrics/log_p_true.js';
import { modeCoverage } from '../src/metrics/mode_coverage.js';
import { offSupport } from '../src/metrics/off_support.js';
import { slicedW2 } from '../src/metrics/sliced_w2.js';
import { type Truth, truthOf } from '../src/metrics/truth.js';
import type { RunConfig } from '../src/model/run_config.js';
import { Course } from '../src/run/course.js';
import { dataScale, runConfig } from '../src/run/defaults.js';
import { openModel } from '../src/run/trained.js';
import { encodeModel } from '../src/train/checkpoint.js';
import { latentReport, type Scores } from './latent/report.js';
import { LATENT_RUNS, type LatentRun, RUN } from './latent/runs.js';

const FILE = 'bench/results/latent';
const ROWS = 1000;
const JUDGED = 20_000;
/** Points whose bound is asked for: each of k latents, four times. */
const BOUND_POINTS = 2000;
const K = 50;
/** A step of the data's stream that no training set uses. */
const TEST = 7;
/** Training points that it is looked at how much better a model knows them than others. */
const KNOWN_POINTS = 1000;

interface Judge {
  readonly training: Dataset;
  readonly truth: Truth;
  readonly unseen: Float64Array;
  readonly seed: number;
}

const law = distributionByName('corridor');

const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

const scoresOf = ({ training, truth }: Judge, points: Float64Array): Scores => ({
  frechet: frechet({ points }, truth).value,
  off: 100 * offSupport({ points }, truth).value,
  coverage: 100 * modeCoverage({ points }, truth).value,
  logPTrue: logPTrue({ points }, truth).value,
  slicedW2: slicedW2({ points }, truth).value,
  copies: 100 * copies({ points }, truth, training).value,
});

function baseline({ training, unseen, seed, ...judge }: Judge, name: BaselineName): Scores {
  const model = fitBaseline(name, { points: training.points, dim: training.dim }, {});
  return {
    ...scoresOf({ training, unseen, seed, ...judge }, model.sample(JUDGED, seed).points),
    nll: model.noDensity ? null : -mean(model.logDensity(unseen)),
  };
}

/** The config of a run: what differs between them stands in bench/latent/runs.ts. */
function configOf({ family, settings }: LatentRun, { training, seed }: Judge, steps?: number): RunConfig {
  const { name, rows, dim } = training;
  const transform = { offset: new Array<number>(dim).fill(0), scale: 1 };
  return runConfig<object>({
    ...RUN,
    family,
    data: { name, rows, dim, ambient: 0, classes: 0, digest: '' },
    ...{ transform, scale: dataScale(training.points, transform), settings, seed },
    ...(steps === undefined ? {} : { steps }),
  });
}

async function trained(engine: Backend, run: LatentRun, judge: Judge, steps?: number): Promise<Scores> {
  const config = configOf(run, judge, steps);
  const course = await Course.create(engine, config, judge.training);
  for (;;) {
    await course.train(course.stageEnd - course.step);
    if (course.finished) break;
    await course.nextStage();
  }
  const file = encodeModel(course.trainer.model, await course.state(), config);
  course.destroy();
  const model = await openModel(engine, file);
  try {
    const bound = async (points: Float64Array) => {
      const found = await model.likelihood(points, { seed: judge.seed, settings: { steps: K } });
      if (found.kind === 'none') throw new Error(found.why);
      return -mean(found.nats);
    };
    const { points } = await model.sample({ n: JUDGED, seed: judge.seed });
    return {
      ...scoresOf(judge, points),
      nll: await bound(judge.unseen.slice(0, BOUND_POINTS * judge.training.dim)),
      known: await bound(judge.training.points.slice(0, KNOWN_POINTS * judge.training.dim)),
    };
  } finally {
    model.destroy();
  }
}

/** All rows of a seed, each made when it is asked for. */
function rowsOf(engine: Backend, judge: Judge): [string, object, () => Scores | Promise<Scores>][] {
  const fresh = () => ({
    ...scoresOf(judge, law.sample(JUDGED, judge.seed, TEST + 1).points),
    nll: -mean(law.logDensity!(judge.unseen)),
  });
  return [
    ['fresh samples', {}, fresh],
    ...baselineNames().map(
      (name) => [name, {}, () => baseline(judge, name)] as [string, object, () => Scores],
    ),
    ['untrained vae', RUN, () => trained(engine, { family: 'vae', settings: { prior: 'normal' } }, judge, 1)],
    ...LATENT_RUNS.map((run): [string, object, () => Promise<Scores>] => {
      const { prior, ...others } = run.settings;
      const told = Object.entries(others).map(([key, value]) => `${key} ${value}`);
      const name = [run.family, prior, ...told].join(', ');
      return [name, configOf(run, judge), () => trained(engine, run, judge)];
    }),
  ];
}

type Known = Readonly<Record<string, { readonly by: object; readonly scores: Scores }>>;

/** Read anew: several of these may run beside each other. */
const read = (): Known =>
  existsSync(`${FILE}.json`) ? JSON.parse(readFileSync(`${FILE}.json`, 'utf8')) : {};

/** The table of what is there; rows of which nothing is are left out. */
function write(known: Known, names: readonly string[], seeds: number): string {
  const rows = names.map((name) => ({
    name,
    seeds: Array.from({ length: seeds }, (_, seed) => known[`${name}, seed ${seed}`]).flatMap((row) =>
      row === undefined ? [] : [row.scores],
    ),
  }));
  const text = latentReport(
    rows.filter((row) => row.seeds.length > 0),
    { rows: ROWS, samples: JUDGED, boundPoints: BOUND_POINTS, k: K, seeds },
  );
  writeFileSync(`${FILE}.json`, `${JSON.stringify(known, null, 1)}\n`);
  writeFileSync(`${FILE}.md`, text);
  return text;
}

export default async function run([seeds = '3', only, part = '']: string[]): Promise<void> {
  const engine = await createEngine();
  const all = Array.from({ length: Number(seeds) }, (_, seed) => seed);
  let names: string[] = [];
  for (const seed of only === undefined ? all : [Number(only)]) {
    const judge: Judge = {
      training: trainingSet(law, ROWS, seed),
      truth: truthOf(law, JUDGED, seed, { draws: 2 }),
      unseen: law.sample(JUDGED, seed, TEST).points,
      seed,
    };
    const rows = rowsOf(engine, judge);
    names = rows.map(([name]) => name);
    for (const [name, by, make] of rows) {
      const key = `${name}, seed ${seed}`;
      if (!name.includes(part) || JSON.stringify(read()[key]?.by) === JSON.stringify(by)) continue;
      process.stderr.write(`${key}\n`);
      const scores = await make();
      write({ ...read(), [key]: { by, scores } }, names, all.length);
    }
  }
  engine.destroy();
  process.stdout.write(write(read(), names, all.length));
}
