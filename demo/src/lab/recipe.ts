/** From what a visitor chose to a run's config and a sampler's table, the same on the page and in its workers. */
import {
  asInterpolant,
  checkRunConfig,
  type DataScale,
  type Dataset,
  type DiffusionName,
  dataScale,
  distributionByName,
  familyGrid,
  isInterpolant,
  placeOf,
  type RunConfig,
  runConfig,
  type SamplingOptions,
  type SolverTable,
  samplingField,
  samplingTable,
  solverByName,
  solverTable,
  spreadLabels,
  stagesOf,
  stirring as stirringOf,
  trainingSet,
} from 'tributary-engine';
import { customDataset, originOf } from '../data/custom.js';
import { followsPath, ownValues } from '../own_settings.js';
import { CUSTOM } from '../state.js';

/** What determines a model. */
export interface ModelChoice {
  readonly data: string;
  readonly custom: string;
  readonly family: string;
  readonly path: string;
  readonly gamma: string;
  readonly head: string;
  readonly coupling: string;
  readonly conditional: boolean;
  readonly hidden: number;
  readonly seed: number;
  /** What is set of the family's own, as an address has it; as the family says if not given. */
  readonly settings?: string;
}

/** What determines how its particles move. */
export interface SampleChoice {
  readonly n: number;
  readonly solver: string;
  readonly steps: number;
  /** The scale and the form of ε(t), for SDE solvers. */
  readonly epsilon: number;
  readonly diffusion: string;
  readonly guidance: number;
  readonly label: number;
  readonly seed: number;
}

const ROWS = 1000;
const BATCH = 512;
/** The run's length in the config: the page stops where its visitor says, and may always go on. */
const ENDLESS = 1_000_000;

/** Steps of every stage but the last, in a family that trains again on its own pairs. */
const STAGE = 2000;

/** The stage that a run of so many steps is in, counted from 0. */
export const stageOf = (config: RunConfig, step: number): number => placeOf(config, step).index;

/** What a run of so many steps is at, where its training has several stages. */
export function stageWords(config: RunConfig, step: number): string[] {
  const { index, stage } = placeOf(config, step);
  if (stagesOf(config).length === 1 || (index === 0 && isInterpolant(config))) return [];
  return [isInterpolant(config) ? 'on its own pairs (reflow)' : `stage “${stage.name}”`];
}

export const choiceKey = (choice: ModelChoice): string =>
  [
    choice.data === CUSTOM ? choice.custom : choice.data,
    choice.family,
    choice.path,
    choice.gamma,
    choice.head,
    choice.coupling,
    choice.conditional ? 'labels' : '',
    choice.hidden,
    choice.seed,
    // A run that was kept before there were any is found again.
    ...(choice.settings ? [choice.settings] : []),
  ].join('|');

export function datasetOf({ data, custom, seed }: Pick<ModelChoice, 'data' | 'custom' | 'seed'>): Dataset {
  return data === CUSTOM ? customDataset(custom, seed) : trainingSet(distributionByName(data), ROWS, seed);
}

/** The page's data are in the units that they are drawn in. */
const TRANSFORM = { offset: [0, 0], scale: 1 };

const scales = new WeakMap<Dataset, DataScale>();

/** A data set's scale, found once: everything that the page draws or offers asks for its config. */
function scaleOf(dataset: Dataset): DataScale {
  let scale = scales.get(dataset);
  if (scale === undefined) {
    scale = dataScale(dataset.points, TRANSFORM);
    scales.set(dataset, scale);
  }
  return scale;
}

/** What takes the place of what a family of paths brings. */
function pathSettings({ family, path, gamma, head, coupling }: ModelChoice): object {
  if (!followsPath(family)) return {};
  return {
    ...(path === '' ? {} : { path }),
    ...(gamma === '' ? {} : { gamma }),
    ...(head === '' ? {} : { heads: [head] }),
    ...(coupling === '' ? {} : { coupling }),
  };
}

/** The config of a choice. The rate stays constant, so that a run of 2000 steps is the beginning of one of 4000. */
export function configOf(choice: ModelChoice, dataset: Dataset): RunConfig {
  const { rows, dim, classes } = dataset;
  const labelled = choice.conditional && classes > 1;
  const labelCounts = new Array<number>(classes).fill(0);
  for (const label of dataset.labels) labelCounts[label]++;
  const config = runConfig<object>({
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
    transform: TRANSFORM,
    scale: scaleOf(dataset),
    network: { hidden: choice.hidden, inner: 2 * choice.hidden, pointFrequencies: 16, labelWidth: 8 },
    settings: { ...pathSettings(choice), ...ownValues(choice.family, choice.settings ?? '') },
    optimizer: { learningRate: 2e-3, decay: 'constant', ema: 0.998 },
    steps: ENDLESS,
    batch: BATCH,
    seed: choice.seed,
  });
  const early = stagesOf(config).slice(0, -1);
  if (early.length === 0) return config;
  return { ...config, stages: Object.fromEntries(early.map(({ name }) => [name, STAGE])) };
}

/**
 * A model's config as its file carries it: whoever samples from the file gets points in the units of the visitor's
 * own data.
 */
export const travellingConfig = (config: RunConfig, { data, custom }: ModelChoice): RunConfig =>
  data === CUSTOM ? { ...config, transform: originOf(custom) } : config;

/** Samples that are judged. */
export const JUDGED = 1000;

/** How a model's are drawn, whatever is shown. */
export const JUDGE = { solver: 'heun', steps: 24, epsilon: 1, diffusion: 'sigma', guidance: 1 } as const;

/** How a model's samples are drawn when it is judged. */
export const drawnWords = (choice: ModelChoice | null): string =>
  choice === null || followsPath(choice.family)
    ? `drawn by ${JUDGE.solver} in ${JUDGE.steps} steps without guidance`
    : `drawn as ${choice.family} draws them`;

/** What may be chosen in place of what a family brings, and the word for it. */
const OWN = { path: 'path', gamma: 'γ', head: 'learns', coupling: 'coupling' } as const;

/** A choice's part that leaves to the family what it brings. */
export const FAMILYS = { path: '', gamma: '', head: '', coupling: '', settings: '' } as const;

/** What of a choice differs from what the family brings, in a few words each. */
export function ownParts(choice: ModelChoice, dataset: Dataset): string[] {
  const interpolant = (change: Partial<ModelChoice>) =>
    JSON.stringify(configOf({ ...choice, ...change }, dataset).settings);
  const parts = (Object.keys(OWN) as (keyof typeof OWN)[]).flatMap((key) =>
    choice[key] === '' || interpolant({ [key]: '' }) === interpolant({})
      ? []
      : [`${OWN[key]} ${choice[key]}`],
  );
  const own = Object.entries(ownValues(choice.family, choice.settings ?? ''));
  return [...parts, ...own.map(([name, value]) => `${name} ${value}`)];
}

/** Why a choice cannot be trained, and the way out; or nothing. */
export function whyNot(choice: ModelChoice, dataset: Dataset): string {
  try {
    checkRunConfig(configOf(choice, dataset));
    return '';
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const own = ownParts(choice, dataset);
    return own.length === 0
      ? why
      : `${why}. With ${choice.family}, ${own.join(', ')}: choose “the family’s” again under Model.`;
  }
}

/**
 * The config that the page draws and offers by: a choice's own or, where that cannot be trained, its family's, so that
 * whatever an address asks for has a window, a spread and lists to choose the way out from.
 */
export function shownConfig(choice: ModelChoice, dataset: Dataset): RunConfig {
  const own = whyNot(choice, dataset) === '' ? choice : { ...choice, ...FAMILYS };
  return configOf(own, dataset);
}

type Move = Pick<TableChoice, 'solver'> & Partial<TableChoice>;

/** Why a model cannot be sampled so, in a few words after the name of what is wrong; or nothing. */
export function refusal(config: RunConfig, move: Move): string {
  try {
    tableOf(config, { guidance: 1, steps: 2, epsilon: 1, diffusion: 'sigma', ...move });
    return '';
  } catch (error) {
    // What would be right is what the list offers beside it.
    return String(error instanceof Error ? error.message : error).split(/; |: take|, or choose/)[0];
  }
}

/** Whether a model can be sampled so. */
export const canSample = (config: RunConfig, move: Move): boolean => refusal(config, move) === '';

/** Whether a family's networks open an SDE. */
export const hasSde = (config: RunConfig): boolean => canSample(config, { solver: 'euler-maruyama' });

type TableChoice = Pick<SampleChoice, 'solver' | 'steps' | 'epsilon' | 'diffusion' | 'guidance'>;

/** A choice as `samplingTable` takes it, on the family's own time grid. */
export function optionsOf(
  config: RunConfig,
  { solver, steps, epsilon, diffusion, guidance }: TableChoice,
): SamplingOptions {
  const { family, data, settings } = asInterpolant(config);
  return {
    ...{ solver, steps, grid: familyGrid(family, settings) },
    ...(data.classes > 0 && guidance !== 1 ? { guidance } : {}),
    ...(solverByName(solver).freeDiffusion
      ? { diffusion: { name: diffusion as DiffusionName, scale: epsilon } }
      : {}),
  };
}

/**
 * The table of a choice.
 * @throws TributaryError('bad-input') where the family cannot be sampled so, or by no table at all
 */
export const tableOf = (config: RunConfig, choice: TableChoice): SolverTable =>
  samplingTable(asInterpolant(config).settings, optionsOf(config, choice));

/**
 * The largest ε that a table's steps use, and in how many of them ε(t) is held down so that they stay stable; nothing
 * where the model cannot be moved so, which whoever moves it says.
 */
export function stirring(config: RunConfig, choice: TableChoice): { most: number; held: number } | null {
  if (!isInterpolant(config)) return null;
  const { diffusion: name, epsilon: scale } = choice;
  if (!solverByName(choice.solver).freeDiffusion || !canSample(config, choice)) return null;
  const asked = { name: name as DiffusionName, scale };
  return stirringOf(samplingField(config.settings), asked, tableOf(config, choice));
}

/** One Euler step of length H from t on: what a velocity is read off. */
const H = 1 / 512;
export function fieldTable(config: RunConfig, t: number): { table: SolverTable; h: number } {
  const { settings } = asInterpolant(config);
  const from = Math.min(1 - H, Math.max(0, t));
  const grid = Float64Array.of(from, from + H);
  return { table: solverTable(solverByName('euler'), grid, samplingField(settings)), h: H };
}

/** Labels of n particles: the one asked for, or all in the data's proportions; nothing for a model without. */
export function labelsOf({ data }: RunConfig, n: number, label: number): Uint32Array | undefined {
  const { classes, labelCounts } = data;
  if (classes === 0) return undefined;
  if (label >= 0) return new Uint32Array(n).fill(Math.min(label, classes));
  return spreadLabels(n, labelCounts ?? new Array<number>(classes).fill(1));
}
