/** Every named family on a backend against the float64 reference: its recipe, trained and sampled in small. */
import type { Backend } from '../backend/backend.js';
import { CpuBackend } from '../cpu/backend.js';
import { type Dataset, trainingSet } from '../data/dataset.js';
import { distributionByName } from '../data/registry.js';
import { familyNames, interpolantByName, interpolantNames, isInterpolant } from '../families/registry.js';
import type { RunConfig } from '../model/run_config.js';
import { Course } from '../run/course.js';
import { dataScale, runConfig } from '../run/defaults.js';
import { takesSteps } from '../run/stages.js';
import { openModel, type TrainedModel } from '../run/trained.js';
import { encodeModel } from '../train/checkpoint.js';
import type { StepRecord } from '../train/learner.js';
import { LOSS_BOUND, lossDifference, row, SAMPLE_BOUND, sampleDifference } from './end_to_end.js';
import type { VerifyRow } from './kernels.js';

const TRAINING_STEPS = 25;
const SAMPLER_STEPS = 12;
const PARTICLES = 64;

interface Outcome {
  readonly records: StepRecord[];
  readonly points: Float64Array;
}

function smallRun(family: string, dataset: Dataset, seed: number): RunConfig {
  const { name, dim, rows } = dataset;
  const transform = { offset: new Array<number>(dim).fill(0), scale: 1 };
  return runConfig<object>({
    family,
    data: { name, rows, dim, ambient: 0, classes: 0, digest: '' },
    transform,
    scale: dataScale(dataset.points, transform),
    network: { hidden: 12, inner: 16, blocks: 1, pointFrequencies: 3, timeFrequencies: 2 },
    optimizer: { warmup: 5 },
    steps: TRAINING_STEPS,
    batch: 32,
    seed,
  });
}

/** The recipe on `corridor` with a network of a few hundred weights; of reflow its first round. */
async function outcome(engine: Backend, config: RunConfig, dataset: Dataset): Promise<Outcome> {
  const course = await Course.create(engine, config, dataset);
  let model: TrainedModel | undefined;
  try {
    const records = [...(await course.train(TRAINING_STEPS)), ...(await course.flush())];
    while (!course.finished && !isInterpolant(config)) {
      await course.nextStage();
      records.push(...(await course.train(TRAINING_STEPS)), ...(await course.flush()));
    }
    model = await openModel(engine, encodeModel(course.model, await course.state(), config));
    const sampling = isInterpolant(config) ? { steps: SAMPLER_STEPS } : {};
    const { points } = await model.sample({ n: PARTICLES, seed: config.seed, tile: PARTICLES, sampling });
    return { records, points };
  } finally {
    model?.destroy();
    course.destroy();
  }
}

/** How a family's samples are made, in a few words. */
const samplingOf = (family: string): string =>
  interpolantNames.includes(family)
    ? `${SAMPLER_STEPS} steps, ${PARTICLES} particles, ${interpolantByName(family).sampling.solver}`
    : `${PARTICLES} particles`;

/** Two rows a family: every loss of its training, and where its particles end with its own solver. */
export async function verifyFamilies(options: {
  readonly backend: Backend;
  readonly seed: number;
  onRow?(row: VerifyRow): void;
}): Promise<VerifyRow[]> {
  const { backend, seed, onRow } = options;
  const rows: VerifyRow[] = [];
  const reference = new CpuBackend('f64');
  try {
    const dataset = trainingSet(distributionByName('corridor'), 300, seed);
    for (const family of familyNames) {
      const config = smallRun(family, dataset, seed);
      // What is fitted at once never sees the backend.
      if (!takesSteps(config)) continue;
      const expected = await outcome(reference, config, dataset);
      const start = performance.now();
      const got = await outcome(backend, config, dataset);
      const ms = performance.now() - start;
      const loss = lossDifference(got.records, expected.records);
      const end = sampleDifference(got.points, expected.points);
      const training = `${expected.records.length} steps, every loss`;
      const sampling = samplingOf(family);
      for (const one of [
        row(`${family} trains`, training, loss.relative, LOSS_BOUND, loss.absolute, ms),
        row(`${family} samples`, sampling, end.relative, SAMPLE_BOUND, end.absolute, ms),
      ]) {
        rows.push(one);
        onRow?.(one);
      }
    }
    return rows;
  } finally {
    reference.destroy();
  }
}
