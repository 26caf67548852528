import type { Backend } from '../backend/backend.js';
import { AmbientLift } from '../data/ambient.js';
import type { Distribution } from '../data/distribution.js';
import { distributionByName } from '../data/registry.js';
import { badInput, TributaryError } from '../errors.js';
import { familyByName, familyNames, isInterpolant } from '../families/registry.js';
import { checkGuidance, checkLabels, conditionsOf } from '../model/conditions.js';
import type { Likelihood, NoLikelihood } from '../model/likelihood.js';
import type { RunConfig } from '../model/run_config.js';
import { STREAM } from '../random/random.js';
import {
  likelihoodMethod,
  openModel,
  type TrainedModel,
  noLikelihood as whyNoLikelihood,
} from '../run/trained.js';
import { Interrupt } from './interrupt.js';
import { type HeaderChoice, loadPoints } from './points.js';
import { progressBar } from './progress.js';
import type { RunFolder } from './run_folder.js';

/** Methods of all families together. */
export const LIKELIHOOD_METHODS = [
  ...new Set(familyNames.flatMap((name) => Object.keys(familyByName(name).likelihood))),
];

export interface LikelihoodSpec {
  /** Held-out points of the known distribution, where no file is given. */
  readonly n: number;
  readonly points?: string | undefined;
  /** Whether the first line of a .csv names its columns; told from the line if not given. */
  readonly header?: HeaderChoice | undefined;
  /** Exact up to 8 dimensions and by Hutchinson's probes above, if not given. */
  readonly method?: string | undefined;
  readonly solver: string;
  /** Solver steps of the coarser of two runs, or the bound's times a point. */
  readonly steps: number;
  /** How fine the time grid gets towards the data, see `gradedGrid`. */
  readonly finest: number;
  readonly probes: number;
  /** Where the bound ends, see `sdeBound`. */
  readonly truncation: number;
  readonly guidance: number;
  /** Without labels: the model's whole distribution rather than that given each point's label. */
  readonly unconditional?: boolean | undefined;
  readonly seed: number;
  readonly quiet?: boolean | undefined;
}

/** Points to be judged: true ones that the model has not seen. */
export interface JudgedPoints {
  /** [n, dim] in the units of the data */
  readonly points: Float64Array;
  readonly labels: Uint32Array | undefined;
  readonly n: number;
  /** What was read of a file. */
  readonly reading?: string;
  /** ln p_true of the same points, given their label where the model is; undefined where it is not known. */
  readonly truth: Float64Array | undefined;
}

/** @throws TributaryError('bad-input') where there is nothing to judge, and what would be */
export function judgedPoints(config: RunConfig, spec: LikelihoodSpec): JudgedPoints {
  const { data } = config;
  const conditional = data.classes > 0 && !spec.unconditional;
  if (spec.unconditional && data.classes === 0)
    badInput('this model knows no labels; leave --unconditional out');
  if (spec.unconditional) checkLabels(conditionsOf(config), [data.classes]);
  let points: Float64Array;
  let labels: Uint32Array | undefined;
  let reading: string | undefined;
  if (spec.points !== undefined) {
    const loaded = loadPoints(spec.points, spec.header);
    reading = loaded.reading;
    if (!conditional && loaded.labels !== undefined) reading += ', which are not used';
    if (loaded.dim !== data.dim)
      badInput(`${spec.points} has ${loaded.dim} columns; this run has ${data.dim}`);
    if (conditional && loaded.labels === undefined)
      badInput(`${spec.points} has no labels: add a column "label", or judge the whole by --unconditional`);
    ({ points, labels } = loaded);
    const wrong = labels?.findIndex((label) => label >= data.classes) ?? -1;
    if (conditional && wrong >= 0)
      badInput(`${spec.points}: label ${labels?.[wrong]} of row ${wrong + 1} is not below ${data.classes}`);
  } else {
    if (data.file !== undefined)
      badInput(`${data.name} has no known law to draw held-out points from: give them by --points FILE`);
    const drawn = distributionByName(data.name).sample(spec.n, spec.seed, 1, STREAM.evaluation);
    const lift = (flat: Float64Array) =>
      new AmbientLift(flat.length / spec.n, data.ambient, config.seed).lift(flat);
    points = data.ambient > 0 ? lift(drawn.points) : drawn.points;
    labels = drawn.labels;
  }
  const own = conditional ? labels : undefined;
  if (own) checkLabels(conditionsOf(config), own);
  const read = reading === undefined ? {} : { reading };
  return { ...read, points, labels: own, n: points.length / data.dim, truth: truthOf(config, points, own) };
}

/** ln p_true of points in the units of the data. A lifted distribution has no density in its many dimensions. */
function truthOf({ data }: RunConfig, points: Float64Array, labels?: Uint32Array): Float64Array | undefined {
  if (data.file !== undefined || data.ambient > 0) return undefined;
  const distribution: Distribution = distributionByName(data.name);
  if (labels === undefined) return distribution.logDensity?.(points);
  const { mixture, dim } = { mixture: distribution.mixture ?? distribution.quadrature, dim: data.dim };
  if (mixture === undefined) return undefined;
  const parts = new Map([...new Set(labels)].map((label) => [label, mixture.conditional(label)] as const));
  return Float64Array.from(labels, (label, i) => {
    const part = parts.get(label) as typeof mixture;
    return part.logDensity(points.slice(i * dim, (i + 1) * dim))[0];
  });
}

/** Why a run has no likelihood; null where it has one. */
export function noLikelihood(config: RunConfig): NoLikelihood | null {
  const why = whyNoLikelihood(config);
  return why === null ? null : { kind: 'none', why };
}

/** Which method a run gets. @throws TributaryError('bad-input') for an unknown one, or one that it cannot have */
export function methodFor(config: RunConfig, spec: LikelihoodSpec): string {
  const [method, { kind }] = likelihoodMethod(config, spec.method);
  if (!isInterpolant(config)) return method;
  if (kind === 'bound' && spec.guidance !== 1) badInput('--method bound knows no guidance');
  if (spec.guidance !== 1 && (config.data.classes === 0 || spec.unconditional))
    badInput('--guidance needs a conditional model and labels');
  if (spec.guidance !== 1) checkGuidance(conditionsOf(config));
  return method;
}

/**
 * ln p of points under a run's averaged model, in nats and in the units of the data.
 * @param config with the times that the model was trained at, see `asTrained`
 */
export async function likelihoodRun(
  engine: Backend,
  folder: RunFolder,
  config: RunConfig,
  { points, labels: own, n }: JudgedPoints,
  spec: LikelihoodSpec,
): Promise<Likelihood> {
  if (!folder.has('model'))
    badInput(`${folder.path} holds no trained model yet: run train with --resume first`);
  const method = methodFor(config, spec);
  const { classes } = config.data;
  const interrupt = new Interrupt();
  const bar = progressBar('likelihood', 1000, spec.quiet);
  const onProgress = async (share: number) => {
    bar.update(Math.round(1000 * share));
    await new Promise((resolve) => setImmediate(resolve));
    if (interrupt.requested) throw new TributaryError('interrupted', 'interrupted: nothing was written');
  };
  // A conditional model without labels is asked with the one that means none.
  const labels = own ?? (classes > 0 ? new Uint32Array(n).fill(classes) : undefined);
  const { solver, steps, finest, probes, truncation, guidance, seed } = spec;
  let model: TrainedModel | undefined;
  try {
    model = await openModel(engine, folder.read('model'), { config, file: folder.file('model') });
    return await model.likelihood(points, {
      method,
      seed,
      ...(labels ? { labels } : {}),
      onProgress,
      settings: { solver, steps, finest, probes, truncation, guidance },
    });
  } finally {
    bar.stop();
    interrupt.dispose();
    model?.destroy();
  }
}
