import type { Backend } from '../backend/backend.js';
import { drawStarts } from '../data/dataset.js';
import { spreadLabels } from '../data/labels.js';
import { badInput, TributaryError } from '../errors.js';
import type { InterpolantRun } from '../families/interpolant/settings.js';
import { isInterpolant } from '../families/registry.js';
import { isTwoSided } from '../interpolant/config.js';
import { checkGuidance, checkLabels, conditionsOf } from '../model/conditions.js';
import type { Generator } from '../model/generator.js';
import type { RunConfig } from '../model/run_config.js';
import { openModel, type TrainedModel } from '../run/trained.js';
import { AdaptiveSampler } from '../samplers/adaptive.js';
import type { Diffusion } from '../samplers/diffusion.js';
import { adaptiveSampling, type SamplingOptions, samplingTable } from '../samplers/plan.js';
import { particleTile } from '../samplers/sampler.js';
import type { SolverTable } from '../samplers/table.js';
import { basePoints } from './dataset.js';
import { Interrupt } from './interrupt.js';
import { Landing } from './landing.js';
import { kebab } from './options.js';
import { progressBar } from './progress.js';
import { SOLVER_OPTIONS, type SolverChoice, samplingOptionsOf } from './sampling_options.js';
import {
  heldBack,
  modelRecord,
  ownRecord,
  type SamplingRecord,
  type SolverRecord,
  solverRecord,
} from './sampling_record.js';
import { asTrained, type TrainedRun } from './trained_run.js';

export interface SampleSpec {
  readonly n: number;
  readonly seed: number;
  /** Whether somebody chose the seed, who is to be told where it does not count. */
  readonly seedGiven?: boolean;
  readonly choice: SolverChoice;
  /** One label for all samples of a conditional model; otherwise labels in the training set's proportions. */
  readonly label?: number | undefined;
  /** Shares of the way, from 0 to 1, at which to keep all particles. */
  readonly frames?: readonly number[];
  /** Where to start, in place of the base. */
  readonly start?: Start;
  /** Of a lifted model: points in all its dimensions, not in their plane. Always so for a backward run. */
  readonly full?: boolean | undefined;
  /** Lines for stderr, once nothing of the spec is refused any more. */
  readonly notes?: readonly string[];
  readonly quiet?: boolean | undefined;
}

/** Points that a run begins at. */
export interface Start {
  /** [n, dim] in the network's coordinates */
  readonly points: Float64Array;
  /** [n] of a conditional model, where the file gives them */
  readonly labels?: Uint32Array | undefined;
  readonly file: string;
  readonly sha256: string;
}

export interface SampledRun {
  /**
   * [n, dim] in the units of the data, offset + scale·x, at both ends of time: what was written may be started from.
   * Of a lifted distribution in its plane, unless asked for in full.
   */
  readonly points: Float64Array;
  /** [n] squared distance of lifted samples from the plane of the data, in the data's units */
  readonly offPlane?: Float64Array | undefined;
  /** In the same units. */
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
  /** Everything that the samples depend on, for the results that are made of them. */
  readonly record: SamplingRecord;
}

type SpecOfLabels = Pick<SampleSpec, 'n' | 'label' | 'start' | 'choice'>;

function labelsFor(spec: SpecOfLabels, { classes, labelCounts }: RunConfig['data']): Uint32Array | undefined {
  if (classes === 0) {
    if (spec.label !== undefined) badInput('this model knows no labels: train it with --conditional');
    return undefined;
  }
  if (spec.label === undefined) {
    if (spec.start?.labels) return spec.start.labels;
    return spreadLabels(spec.n, labelCounts ?? new Array<number>(classes).fill(1));
  }
  if (spec.label >= classes) badInput(`label ${spec.label} is not one of 0 to ${classes - 1}`);
  return new Uint32Array(spec.n).fill(spec.label);
}

/** Where the labels of samples come from. */
function labelSource({ label, start, choice }: SpecOfLabels, { classes }: RunConfig['data']) {
  if (classes === 0) return null;
  if (label !== undefined) return label;
  if (start?.labels) return 'those of the starting points';
  if (choice.backward)
    badInput(
      'a conditional model runs from data to noise by their labels: give one by --label, or a column "label" in the --start file',
    );
  return "in the training set's shares";
}

/**
 * Base points of a run whose x0 is a set of points, drawn with replacement; undefined for a Gaussian base.
 * @param scale α(0) of the path that is sampled along
 */
function startingPoints(spec: SampleSpec, config: RunConfig, scale: number): Float64Array | undefined {
  if (spec.start) return spec.start.points;
  const base = basePoints(config);
  if (base) return drawStarts(base, config.data.dim, spec.n, spec.seed).map((value) => scale * value);
  if (isInterpolant(config) && config.settings.path === 'mirror')
    badInput('the mirror path starts from data: train it with --base, or choose another path');
  return undefined;
}

/** ε* = √(ΔL_b/ΔL_s) from the last excess losses that the run has measured (arXiv 2303.08797, §2.4). */
function optimalEpsilon(run: TrainedRun, { settings }: InterpolantRun): number {
  if (!isTwoSided(settings))
    badInput(
      'the optimal ε of a one-sided model hangs on where its times are cut off, for near the data its score errs without bound: give a number, or train stochastic-interpolant',
    );
  const excess = run.log().findLast((record) => record.excess?.epsilon != null)?.excess;
  if (excess?.epsilon == null)
    badInput(
      'the optimal ε needs measured excess losses of velocity and score: train stochastic-interpolant',
    );
  return excess.epsilon;
}

/** How a run is sampled, known before any work is done. */
interface Plan {
  readonly solver: string;
  /** 0 where the solver chooses them. */
  readonly steps: number;
  readonly startScale: number;
  /** What the family's generator is asked for. */
  readonly sampling?: SamplingOptions;
  /** Null where there are no steps to look at in between, or they are known only when it runs. */
  readonly table: SolverTable | null;
  readonly record: SolverRecord;
  readonly stochastic: boolean;
}

/** What a spec asks for, checked against the run before any work is done. */
function planOf(run: TrainedRun, config: RunConfig, spec: SampleSpec): Plan {
  if (isInterpolant(config)) return interpolantPlan(run, config, spec);
  const given = SOLVER_OPTIONS.find((name) => spec.choice[name] !== undefined);
  if (given !== undefined) badInput(`${config.family} has no solver to choose: leave --${kebab(given)} out`);
  if ((spec.frames ?? []).length > 0)
    badInput(`${config.family} draws its samples in one go and keeps no frames: leave --frames out`);
  if (spec.start || spec.choice.backward)
    badInput(`${config.family} has no way from given points: leave --start and --backward out`);
  const record = ownRecord(config);
  return { solver: record.solver, steps: 0, startScale: 1, table: null, record, stochastic: true };
}

function interpolantPlan(run: TrainedRun, config: InterpolantRun, { choice, frames = [] }: SampleSpec): Plan {
  let options = samplingOptionsOf(choice, config);
  if (choice.guidance !== undefined && choice.guidance !== 1) {
    if (config.data.classes === 0)
      badInput('guidance needs a conditional model: train it with --conditional');
    checkGuidance(conditionsOf(config));
  }
  const { solver } = options;
  const { settings } = config;
  if (solver === 'dopri5') {
    if (frames.length > 0) badInput('dopri5 chooses its own steps and keeps no frames; take rk4 or heun');
    const { field } = adaptiveSampling(settings, options);
    const record = solverRecord({ options, table: null }, config);
    return {
      ...{ solver, steps: 0, startScale: field.baseScale, sampling: options, table: null, record },
      stochastic: false,
    };
  }
  let table = samplingTable(settings, options);
  if (choice.epsilon === 'optimal') {
    const { name } = options.diffusion as Diffusion;
    options = { ...options, diffusion: { name, scale: optimalEpsilon(run, config) } };
    table = samplingTable(settings, options);
  }
  const record = solverRecord({ options, table }, config);
  const steps = options.steps ?? table.steps;
  const { startScale, solver: steppedBy } = table;
  return {
    ...{ solver, steps, startScale, sampling: options, table, record },
    stochastic: steppedBy.stochastic,
  };
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
  ownConfig: RunConfig,
  spec: SampleSpec,
): Promise<SampledRun> {
  if (!run.has('model')) badInput(`${run.path} holds no trained model yet: run train with --resume first`);
  const config = asTrained(run, ownConfig);
  const plan = planOf(run, config, spec);
  const label = labelSource(spec, config.data);
  const labels = labelsFor(spec, config.data);
  if (labels) checkLabels(conditionsOf(config), labels);
  const start = startingPoints(spec, config, plan.startScale);
  const { table, record } = plan;
  const frameSteps = (spec.frames ?? []).map((share) => Math.round(share * (table?.steps ?? 0)));
  const { n, seed } = spec;
  // Noise has no plane.
  const full = spec.full === true || (spec.choice.backward === true && config.data.ambient > 0);
  const landing = new Landing(config, n, table ? frameSteps.length : 0, full);
  const { epsilon, diffusion, churn } = spec.choice;
  const chosen = epsilon !== undefined || diffusion !== undefined || churn !== undefined;
  const unseeded =
    spec.seedGiven && spec.start && !plan.stochastic
      ? ['the way from given points along an ODE draws nothing: --seed does not count']
      : [];
  for (const line of [...(spec.notes ?? []), ...unseeded, ...(chosen ? heldBack(record, plan.steps) : [])])
    process.stderr.write(`${line}\n`);
  const interrupt = new Interrupt();
  const bar = progressBar('sampling', n, spec.quiet);
  let model: TrainedModel | undefined;
  let generator: Generator | undefined;
  try {
    model = await openModel(engine, run.read('model'), { config, file: run.file('model') });
    generator = await model.generator({
      seed,
      tile: particleTile(engine, n),
      ...(plan.sampling ? { sampling: plan.sampling } : {}),
    });
    const begin = performance.now();
    await generator.sample({
      n,
      take: landing.take,
      ...(labels ? { labels } : {}),
      ...(table ? { frames: frameSteps } : {}),
      ...(start ? { start } : {}),
      onProgress: reporter(bar, interrupt),
    });
    const seconds = (performance.now() - begin) / 1000;
    const { states, offPlane, dim } = landing;
    const steps = generator instanceof AdaptiveSampler ? generator.steps : plan.steps;
    return {
      points: states[states.length - 1],
      offPlane,
      frames: states.slice(0, -1),
      labels,
      dim,
      solver: plan.solver,
      steps,
      frameTimes: frameSteps.map((step) => table?.times[step] ?? 0),
      evaluations: generator.evaluations,
      seconds,
      record: {
        ...{ n, seed, ...record, steps, label },
        start: spec.start ? `${spec.start.file}, SHA-256 ${spec.start.sha256}` : 'the base',
        function_evaluations: generator.evaluations,
        ...{ device: engine.device, model: modelRecord(run) },
      },
    };
  } finally {
    bar.stop();
    interrupt.dispose();
    generator?.destroy();
    model?.destroy();
  }
}
