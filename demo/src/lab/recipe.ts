/** From what a visitor chose to a run's config and a sampler's table, the same on the page and in its workers. */
import {
  checkRunConfig,
  type Dataset,
  dataScale,
  distributionByName,
  familyByName,
  fieldOf,
  type RunConfig,
  runConfig,
  type SolverTable,
  samplingTable,
  solverByName,
  solverTable,
  trainingSet,
} from 'tributary';
import { customDataset } from '../data/custom.js';
import { CUSTOM } from '../state.js';

/** What determines a model. */
export interface ModelChoice {
  readonly data: string;
  readonly custom: string;
  readonly family: string;
  readonly path: string;
  readonly gamma: string;
  readonly conditional: boolean;
  readonly hidden: number;
  readonly seed: number;
}

/** What determines how its particles move. */
export interface SampleChoice {
  readonly n: number;
  readonly solver: string;
  readonly steps: number;
  /** 0 for the ODE. */
  readonly epsilon: number;
  readonly guidance: number;
  readonly label: number;
  readonly seed: number;
}

const ROWS = 1000;
const BATCH = 512;
/** The run's length in the config: the page stops where its visitor says, and may always go on. */
const ENDLESS = 1_000_000;

export const choiceKey = (choice: ModelChoice): string =>
  [
    choice.data === CUSTOM ? choice.custom : choice.data,
    choice.family,
    choice.path,
    choice.gamma,
    choice.conditional ? 'labels' : '',
    choice.hidden,
    choice.seed,
  ].join('|');

export function datasetOf({ data, custom, seed }: Pick<ModelChoice, 'data' | 'custom' | 'seed'>): Dataset {
  return data === CUSTOM ? customDataset(custom, seed) : trainingSet(distributionByName(data), ROWS, seed);
}

/** The config of a choice. The rate stays constant, so that a run of 2000 steps is the beginning of one of 4000. */
export function configOf(choice: ModelChoice, dataset: Dataset): RunConfig {
  const { rows, dim, classes } = dataset;
  const labelled = choice.conditional && classes > 1;
  const labelCounts = new Array<number>(classes).fill(0);
  for (const label of dataset.labels) labelCounts[label]++;
  const transform = { offset: [0, 0], scale: 1 };
  return runConfig({
    family: choice.family,
    data: {
      name: choice.data,
      rows,
      dim,
      ambient: 0,
      classes: labelled ? classes : 0,
      ...(labelled ? { labelCounts } : {}),
      digest: '',
    },
    transform,
    scale: dataScale(dataset.points, transform),
    network: { hidden: choice.hidden, inner: 2 * choice.hidden, pointFrequencies: 16, labelWidth: 8 },
    interpolant: {
      ...(choice.path === '' ? {} : { path: choice.path }),
      ...(choice.gamma === '' ? {} : { gamma: choice.gamma }),
    },
    optimizer: { learningRate: 2e-3, decay: 'constant', ema: 0.998 },
    steps: ENDLESS,
    batch: BATCH,
    seed: choice.seed,
  });
}

/** Why a choice cannot be trained, or nothing. */
export function whyNot(choice: ModelChoice, dataset: Dataset): string {
  try {
    checkRunConfig(configOf(choice, dataset));
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whether a family's networks open an SDE. */
export function hasSde(config: Pick<RunConfig, 'interpolant'>): boolean {
  return fieldOf(config.interpolant).withoutScore === null;
}

/** Solvers whose steps the page can play; an adaptive one has no steps of its own. */
export function solverFits(name: string, { interpolant }: Pick<RunConfig, 'interpolant'>): boolean {
  if (name === 'dopri5') return false;
  const { oneSided, stochastic } = solverByName(name);
  const field = fieldOf(interpolant);
  return !(oneSided && field.twoSided) && !(stochastic && field.withoutScore !== null);
}

/**
 * The table of a choice: the solver's own; Euler–Maruyama where an SDE is asked of an ODE solver.
 * @throws TributaryError('bad-input') where the family has no SDE
 */
export function tableOf(
  config: RunConfig,
  choice: Pick<SampleChoice, 'solver' | 'steps' | 'epsilon'> & Partial<Pick<SampleChoice, 'guidance'>>,
): SolverTable {
  const { stochastic } = solverByName(choice.solver);
  const solver = choice.epsilon > 0 && !stochastic ? 'euler-maruyama' : choice.solver;
  const { grid } = familyByName(config.family).sampling;
  const guided = config.data.classes > 0 && choice.guidance !== undefined;
  return samplingTable(config.interpolant, {
    solver,
    steps: choice.steps,
    grid,
    ...(guided ? { guidance: choice.guidance as number } : {}),
    ...(solverByName(solver).stochastic ? { diffusion: { name: 'sigma', scale: choice.epsilon } } : {}),
  });
}

/** One Euler step of length H from t on: what a velocity is read off. */
const H = 1 / 512;
export function fieldTable(config: RunConfig, t: number): { table: SolverTable; h: number } {
  const from = Math.min(1 - H, Math.max(0, t));
  const grid = Float64Array.of(from, from + H);
  return { table: solverTable(solverByName('euler'), grid, fieldOf(config.interpolant)), h: H };
}

/** Labels of n particles: the one asked for, or all in the data's proportions; nothing for a model without. */
export function labelsOf({ data }: RunConfig, n: number, label: number): Uint32Array | undefined {
  const { classes, labelCounts } = data;
  if (classes === 0) return undefined;
  if (label >= 0) return new Uint32Array(n).fill(Math.min(label, classes));
  const counts = labelCounts ?? new Array<number>(classes).fill(1);
  const rows = counts.flatMap((count, index) => new Array<number>(count).fill(index));
  // A stride that shares no factor with the number of rows visits them evenly.
  return Uint32Array.from({ length: n }, (_, i) => rows[(i * 7919) % rows.length]);
}
