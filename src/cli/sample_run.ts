import type { Backend } from '../backend/backend.js';
import { AmbientLift } from '../data/ambient.js';
import { spreadLabels } from '../data/labels.js';
import { distributionByName } from '../data/registry.js';
import { badInput, TributaryError } from '../errors.js';
import { Model } from '../families/model.js';
import { CounterRandom, STREAM } from '../random/random.js';
import { AdaptiveSampler } from '../samplers/adaptive.js';
import { samplingField, samplingTable } from '../samplers/plan.js';
import { particleTile, Sampler } from '../samplers/sampler.js';
import { loadModel } from '../train/checkpoint.js';
import type { RunConfig } from '../train/config.js';
import { basePoints } from './dataset.js';
import { Interrupt } from './interrupt.js';
import { progressBar } from './progress.js';
import type { RunFolder } from './run_folder.js';
import { type SolverChoice, samplingOptionsOf } from './sampling_options.js';

export interface SampleSpec {
  readonly n: number;
  readonly seed: number;
  readonly choice: SolverChoice;
  /** One label for all samples of a conditional model; otherwise labels in the training set's proportions. */
  readonly label?: number | undefined;
  /** Shares of the way, from 0 to 1, at which to keep all particles. */
  readonly frames?: readonly number[];
  /** [n, dim] where to start, in the data's own coordinates for a backward run; the base if not given */
  readonly start?: Float64Array;
  readonly quiet?: boolean | undefined;
}

export interface SampledRun {
  /** [n, dim] in the data's own coordinates, or in the plane of a lifted distribution */
  readonly points: Float64Array;
  readonly frames: readonly Float64Array[];
  readonly labels: Uint32Array | undefined;
  readonly dim: number;
  /** What was done, the family's defaults filled in. */
  readonly solver: string;
  readonly steps: number;
  /** The time of each frame. */
  readonly frameTimes: readonly number[];
  /** Network evaluations a sample. */
  readonly evaluations: number;
  readonly seconds: number;
}

function labelsFor(spec: SampleSpec, { classes, labelCounts }: RunConfig['data']): Uint32Array | undefined {
  if (classes === 0) {
    if (spec.label !== undefined) badInput('this model knows no labels: train it with --conditional');
    return undefined;
  }
  if (spec.label === undefined) {
    return spreadLabels(spec.n, labelCounts ?? new Array<number>(classes).fill(1));
  }
  if (spec.label >= classes) badInput(`label ${spec.label} is not one of 0 to ${classes - 1}`);
  return new Uint32Array(spec.n).fill(spec.label);
}

/** Base points of a run whose x0 is a set of points, drawn with replacement; undefined for a Gaussian base. */
function startingPoints(spec: SampleSpec, config: RunConfig): Float64Array | undefined {
  const base = basePoints(config);
  if (base === undefined) {
    if (config.interpolant.path === 'mirror')
      badInput('the mirror path starts from data: train it with --base, or choose another path');
    return undefined;
  }
  const { dim } = config.data;
  const random = new CounterRandom(spec.seed, STREAM.start);
  const start = new Float64Array(spec.n * dim);
  for (let i = 0; i < spec.n; i++) {
    const row = random.integer(i, base.length / dim);
    start.set(base.subarray(row * dim, (row + 1) * dim), i * dim);
  }
  return start;
}

/** ε* = √(ΔL_b/ΔL_s) from the last excess losses that the run has measured (arXiv 2303.08797, §2.4). */
function optimalEpsilon(folder: RunFolder): number {
  const excess = folder.log().findLast((record) => record.excess?.epsilon != null)?.excess;
  if (excess?.epsilon == null)
    badInput(
      'the optimal ε needs measured excess losses of velocity and score: train stochastic-interpolant',
    );
  return excess.epsilon;
}

/** Draws samples from a run's averaged model. */
export async function sampleRun(
  engine: Backend,
  folder: RunFolder,
  config: RunConfig,
  spec: SampleSpec,
): Promise<SampledRun> {
  if (!folder.has('model'))
    badInput(`${folder.path} holds no trained model yet: run train with --resume first`);
  const options = samplingOptionsOf(spec.choice, config);
  if (spec.choice.epsilon === 'optimal') {
    const scale = optimalEpsilon(folder);
    Object.assign(options, { diffusion: { name: 'constant', ...options.diffusion, scale } });
  }
  const adaptive = options.solver === 'dopri5';
  if (adaptive && (spec.frames?.length ?? 0) > 0)
    badInput('dopri5 chooses its own steps and keeps no frames; take rk4 or heun');
  const table = adaptive ? null : samplingTable(config.interpolant, options);
  const labels = labelsFor(spec, config.data);
  const model = new Model(engine, config.interpolant.heads, config.network, config.seed, false);
  const interrupt = new Interrupt();
  const bar = progressBar('sampling', spec.n, spec.quiet);
  try {
    loadModel(model, folder.read('model'), folder.file('model'));
    const sampler =
      table === null
        ? await AdaptiveSampler.create(
            engine,
            model,
            model.store,
            samplingField(config.interpolant, options),
            spec.seed,
            {
              guidance: options.guidance ?? 1,
              backward: options.backward ?? false,
              ...(spec.choice.tolerance === undefined
                ? {}
                : { tolerance: { absolute: spec.choice.tolerance, relative: spec.choice.tolerance } }),
            },
          )
        : await Sampler.create(engine, model, model.store, table, spec.seed, particleTile(engine, spec.n));
    const frameSteps = (spec.frames ?? []).map((share) => Math.round(share * (table?.steps ?? 0)));
    const start = spec.start ?? startingPoints(spec, config);
    const begin = performance.now();
    const { points, frames } = await sampler.sample({
      n: spec.n,
      ...(labels ? { labels } : {}),
      ...(table === null ? {} : { frames: frameSteps }),
      ...(start ? { start } : {}),
      onProgress: async (done) => {
        bar.update(done);
        await new Promise((resolve) => setImmediate(resolve));
        if (interrupt.requested)
          throw new TributaryError('interrupted', 'interrupted: no samples were written');
      },
    });
    const seconds = (performance.now() - begin) / 1000;
    const { evaluations } = sampler;
    sampler.destroy();
    const { offset, scale } = config.transform;
    const restore = (values: Float64Array) => {
      const own = values.map((value, i) => value * scale + offset[i % offset.length]);
      if (config.data.ambient === 0) return own;
      const plane = distributionByName(config.data.name).dim;
      return new AmbientLift(plane, config.data.ambient, config.seed).project(own);
    };
    const result = restore(points);
    return {
      points: result,
      frames: frames.map(restore),
      labels,
      dim: result.length / spec.n,
      solver: options.solver,
      steps: options.steps,
      frameTimes: frameSteps.map((step) => table?.times[step] ?? 0),
      evaluations,
      seconds,
    };
  } finally {
    bar.stop();
    interrupt.dispose();
    model.destroy();
  }
}
