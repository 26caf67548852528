import type { Against, Metric } from '../metrics/truth.js';
import type { PointSet } from '../report/types.js';

/** What one family has come to on one seed. */
export interface StudyRun {
  readonly family: string;
  readonly seed: number;
  readonly steps: number;
  /** Trained numbers, over all heads. */
  readonly parameters: number;
  readonly solver: string;
  readonly solverSteps: number;
  /** Network evaluations a sample. */
  readonly evaluations: number;
  /** Wall time, to be read as a ratio to another run of the same study. */
  readonly seconds: { readonly training: number; readonly sampling: number };
  readonly metrics: Readonly<Record<string, Metric>>;
  /** What they compare the samples with. */
  readonly against?: Against;
  /** How the samples that are judged were made, defaults filled in. */
  readonly sampling?: object;
  /** What gives the metrics again. */
  readonly command?: string;
  /** Mean ln p of held-out true points, or why there is none. */
  readonly likelihood?: StudyLikelihood;
}

export type StudyLikelihood =
  | {
      readonly kind: 'exact' | 'numerical' | 'bound' | 'discretised';
      /** Nats a point. */
      readonly value: number;
      readonly standardError: number;
      readonly tolerance: number;
      readonly n: number;
      /** ln p_true of the same points, where it is known. */
      readonly truth?: number;
    }
  | { readonly kind: 'none'; readonly why: string };

/** What all runs of a study have in common. */
export interface StudySettings {
  readonly data: string;
  readonly rows: number;
  /** Whether the networks were given the labels. */
  readonly conditional: boolean;
  readonly steps: number;
  readonly batch: number;
  readonly hidden: number;
  /** Trained parameters that every family has, within 5 %, where that was asked for in place of a width. */
  readonly parameters?: number;
  readonly blocks: number;
  /** Samples that are judged, a run. */
  readonly samples: number;
  /** Held-out points of the likelihood; 0 for none. */
  readonly likelihood: number;
  readonly backend: string;
}

/** Mean over the seeds, and their standard deviation; 0 for a single seed. */
export interface Spread {
  readonly mean: number;
  readonly std: number;
}

export interface StudyMetric extends Spread {
  readonly floor: number;
  /** Of one draw of perfect samples. */
  readonly floorStd: number;
  /** Where one set of perfect samples scores, the mean of the runs' own ranges; absent where none are known. */
  readonly perfect?: readonly [number, number];
  readonly better: Metric['better'];
}

/** A family over its seeds. */
export interface StudyRow {
  readonly family: string;
  readonly seeds: readonly number[];
  readonly parameters: number;
  readonly solver: string;
  readonly solverSteps: number;
  readonly evaluations: number;
  readonly metrics: Readonly<Record<string, StudyMetric>>;
  /** Training time over that of {@link StudyResults.reference}, and sampling time likewise. */
  readonly trainingRatio: number;
  readonly samplingRatio: number;
  readonly likelihood?:
    | (Spread & { readonly kind: string; readonly tolerance: number })
    | { readonly kind: 'none'; readonly why: string };
}

/** The machine-readable result, results.json. */
export interface StudyResults {
  readonly format: 1;
  /** What makes the study again. */
  readonly command?: string;
  readonly settings: StudySettings;
  readonly seeds: readonly number[];
  readonly device: string;
  /** The family whose times are 1. */
  readonly reference: string;
  /** What the metrics compare samples with. */
  readonly against: Against;
  /** Mean ln p_true of the held-out points, where likelihoods were asked for and the truth is known. */
  readonly likelihoodOfTruth: number | null;
  readonly rows: readonly StudyRow[];
  readonly runs: readonly StudyRun[];
}

/** The family that times are compared with, where it takes part. */
const REFERENCE = 'flow-matching';

/** @returns the mean and the standard deviation with n − 1 */
export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, std: Math.sqrt(square / Math.max(1, values.length - 1)) };
}

function metricsOf(runs: readonly StudyRun[]): Record<string, StudyMetric> {
  const mean = (values: number[]) => spreadOf(values).mean;
  return Object.fromEntries(
    Object.entries(runs[0].metrics).map(([key, { better }]) => {
      const all = runs.map(({ metrics }) => metrics[key]);
      const ranges = all.flatMap(({ perfect }) => (perfect ? [perfect] : []));
      return [
        key,
        {
          ...spreadOf(all.map(({ value }) => value)),
          floor: mean(all.map(({ floor }) => floor)),
          floorStd: mean(all.map(({ floorStd }) => floorStd)),
          ...(ranges.length === all.length
            ? { perfect: [0, 1].map((end) => mean(ranges.map((range) => range[end]))) as [number, number] }
            : {}),
          better,
        },
      ];
    }),
  );
}

function likelihoodOf(runs: readonly StudyRun[]): StudyRow['likelihood'] {
  const first = runs[0].likelihood;
  if (first === undefined || first.kind === 'none') return first;
  const all = runs.flatMap(({ likelihood }) =>
    likelihood && likelihood.kind !== 'none' ? [likelihood] : [],
  );
  return {
    ...spreadOf(all.map(({ value }) => value)),
    kind: first.kind,
    tolerance: Math.max(...all.map(({ tolerance }) => tolerance)),
  };
}

/** Gathers runs into one row a family, in the order in which the families first occur. */
export function studyResults(
  settings: StudySettings,
  device: string,
  runs: readonly StudyRun[],
): StudyResults {
  const families = [...new Set(runs.map(({ family }) => family))];
  const reference = families.includes(REFERENCE) ? REFERENCE : families[0];
  const of = (name: string) => runs.filter(({ family }) => family === name);
  const seconds = (list: readonly StudyRun[], kind: keyof StudyRun['seconds']) =>
    spreadOf(list.map((run) => run.seconds[kind])).mean;
  const known = runs.flatMap(({ likelihood }) =>
    likelihood && likelihood.kind !== 'none' && likelihood.truth !== undefined ? [likelihood.truth] : [],
  );
  return {
    format: 1,
    settings,
    seeds: [...new Set(runs.map(({ seed }) => seed))].sort((a, b) => a - b),
    device,
    reference,
    against: runs[0].against ?? 'distribution',
    likelihoodOfTruth: known.length > 0 ? spreadOf(known).mean : null,
    rows: families.map((family) => {
      const own = of(family);
      const likelihood = likelihoodOf(own);
      return {
        family,
        seeds: own.map(({ seed }) => seed),
        parameters: own[0].parameters,
        solver: own[0].solver,
        solverSteps: own[0].solverSteps,
        evaluations: own[0].evaluations,
        metrics: metricsOf(own),
        trainingRatio: seconds(own, 'training') / seconds(of(reference), 'training'),
        samplingRatio: seconds(own, 'sampling') / seconds(of(reference), 'sampling'),
        ...(likelihood ? { likelihood } : {}),
      };
    }),
    runs,
  };
}

/** Samples of one family for the report's pictures. */
export interface StudyPicture {
  readonly name: string;
  readonly set: PointSet;
}
