import type { Backend } from '../backend/backend.js';
import { drawStarts } from '../data/dataset.js';
import { spreadLabels } from '../data/labels.js';
import { badInput, TributaryError } from '../errors.js';
import { Model } from '../families/model.js';
import { AdaptiveSampler } from '../samplers/adaptive.js';
import type { Diffusion } from '../samplers/diffusion.js';
import { adaptiveSampling, samplingTable } from '../samplers/plan.js';
import { particleTile, Sampler } from '../samplers/sampler.js';
import type { SolverTable } from '../samplers/table.js';
import { loadModel } from '../train/checkpoint.js';
import type { RunConfig } from '../train/config.js';
import { basePoints } from './dataset.js';
import { Interrupt } from './interrupt.js';
import { Landing } from './landing.js';
import { progressBar } from './progress.js';
import { type SolverChoice, samplingOptionsOf } from './sampling_options.js';
import type { TrainedRun } from './trained_run.js';

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
  /** All coordinates of a lifted run. */
  readonly full?: boolean | undefined;
  readonly quiet?: boolean | undefined;
}

export interface SampledRun {
  /** [n, dim] in the data's own coordinates, or in the plane of a lifted distribution unless `full` was asked for */
  readonly points: Float64Array;
  /** [n] squared distance of lifted samples from the plane of the data, in the data's units */
  readonly offPlane?: Float64Array | undefined;
  readonly frames: readonly Float64Array[];
  readonly labels: Uint32Array | undefined;
  readonly dim: number;
  /** What was done, the family's defaults filled in. */
  readonly solver: string;
  /** Of dopri5 those of a sample, on average. */
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

/**
 * Base points of a run whose x0 is a set of points, drawn with replacement; undefined for a Gaussian base.
 * @param scale α(0) of the path that is sampled along
 */
function startingPoints(spec: SampleSpec, config: RunConfig, scale: number): Float64Array | undefined {
  if (spec.start) return spec.start;
  const base = basePoints(config);
  if (base) return drawStarts(base, config.data.dim, spec.n, spec.seed).map((value) => scale * value);
  if (config.interpolant.path === 'mirror')
    badInput('the mirror path starts from data: train it with --base, or choose another path');
  return undefined;
}

/** ε* = √(ΔL_b/ΔL_s) from the last excess losses that the run has measured (arXiv 2303.08797, §2.4). */
function optimalEpsilon(run: TrainedRun): number {
  const excess = run.log().findLast((record) => record.excess?.epsilon != null)?.excess;
  if (excess?.epsilon == null)
    badInput(
      'the optimal ε needs measured excess losses of velocity and score: train stochastic-interpolant',
    );
  return excess.epsilon;
}

/** How samples were made, for the results that judge them. */
export const samplingRecord = (
  { solver, steps, evaluations }: SampledRun,
  { device }: Pick<Backend, 'device'>,
): object => ({ solver, steps, function_evaluations: evaluations, device });

/** A sampler yet to be made: with a table of steps, or with steps of its own. */
type Plan = {
  readonly solver: string;
  /** 0 where the solver chooses them. */
  readonly steps: number;
  readonly startScale: number;
} & ({ readonly table: SolverTable } | { readonly adaptive: ReturnType<typeof adaptiveSampling> });

/** What a spec asks for, checked against the run before any work is done. */
function planOf(run: TrainedRun, config: RunConfig, { choice, frames = [] }: SampleSpec): Plan {
  let options = samplingOptionsOf(choice, config);
  if (choice.guidance !== undefined && choice.guidance !== 1 && config.data.classes === 0)
    badInput('guidance needs a conditional model: train it with --conditional');
  const { solver } = options;
  if (solver === 'dopri5') {
    if (frames.length > 0) badInput('dopri5 chooses its own steps and keeps no frames; take rk4 or heun');
    const adaptive = adaptiveSampling(config.interpolant, options);
    return { solver, steps: 0, startScale: adaptive.field.baseScale, adaptive };
  }
  let table = samplingTable(config.interpolant, options);
  if (choice.epsilon === 'optimal') {
    const { name } = options.diffusion as Diffusion;
    options = { ...options, diffusion: { name, scale: optimalEpsilon(run) } };
    table = samplingTable(config.interpolant, options);
  }
  return { solver, steps: options.steps ?? table.steps, startScale: table.startScale, table };
}

/** Shows how far the samples are, and stops where the user has asked for it. */
function reporter(
  bar: ReturnType<typeof progressBar>,
  interrupt: Interrupt,
): (done: number) => Promise<void> {
  return async (done) => {
    bar.update(done);
    await new Promise((resolve) => setImmediate(resolve));
    if (interrupt.requested) throw new TributaryError('interrupted', 'interrupted: no samples were written');
  };
}

/**
 * Draws samples from a run's averaged model.
 * @throws TributaryError('bad-input') before any work where what is asked for does not fit the run
 */
export async function sampleRun(
  engine: Backend,
  run: TrainedRun,
  config: RunConfig,
  spec: SampleSpec,
): Promise<SampledRun> {
  if (!run.has('model')) badInput(`${run.path} holds no trained model yet: run train with --resume first`);
  const plan = planOf(run, config, spec);
  const labels = labelsFor(spec, config.data);
  const start = startingPoints(spec, config, plan.startScale);
  const table = 'table' in plan ? plan.table : null;
  const frameSteps = (spec.frames ?? []).map((share) => Math.round(share * (table?.steps ?? 0)));
  const { n, seed } = spec;
  const landing = new Landing(config, n, table ? frameSteps.length : 0, spec.full ?? false);
  const model = new Model(engine, config.interpolant.heads, config.network, config.seed, false);
  const interrupt = new Interrupt();
  const bar = progressBar('sampling', n, spec.quiet);
  let sampler: Sampler | AdaptiveSampler | undefined;
  try {
    loadModel(model, run.read('model'), run.file('model'));
    sampler =
      'table' in plan
        ? await Sampler.create(engine, model, model.store, plan.table, seed, particleTile(engine, n))
        : await AdaptiveSampler.create(
            engine,
            model,
            model.store,
            plan.adaptive.field,
            seed,
            plan.adaptive.options,
          );
    const begin = performance.now();
    await sampler.sample({
      n,
      take: landing.take,
      ...(labels ? { labels } : {}),
      ...(table ? { frames: frameSteps } : {}),
      ...(start ? { start } : {}),
      onProgress: reporter(bar, interrupt),
    });
    const seconds = (performance.now() - begin) / 1000;
    const { states, offPlane, dim } = landing;
    return {
      points: states[states.length - 1],
      offPlane,
      frames: states.slice(0, -1),
      labels,
      dim,
      solver: plan.solver,
      steps: sampler instanceof AdaptiveSampler ? sampler.steps : plan.steps,
      frameTimes: frameSteps.map((step) => table?.times[step] ?? 0),
      evaluations: sampler.evaluations,
      seconds,
    };
  } finally {
    bar.stop();
    interrupt.dispose();
    sampler?.destroy();
    model.destroy();
  }
}
