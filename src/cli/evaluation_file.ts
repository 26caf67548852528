import { resolve } from 'node:path';
import type { Dataset } from '../data/dataset.js';
import { type ColumnMoments, compareColumns, unresolvedColumns } from '../metrics/columns.js';
import type { Evaluation } from '../metrics/evaluate.js';
import type { RunConfig } from '../model/run_config.js';
import { commandOf } from './command_line.js';
import { familyOption } from './own_family.js';
import type { RunFolder } from './run_folder.js';
import type { SamplingRecord } from './sampling_record.js';

/** Points of a file that are judged as they are. */
export interface JudgedFile {
  readonly file: string;
  readonly sha256: string;
}

/** An evaluation as metrics.json holds it: with how its samples were made, and the command that makes it again. */
export interface RecordedEvaluation extends Evaluation {
  readonly samples: SamplingRecord | JudgedFile;
  /** Of somebody's own data: every column of the samples beside that of the data. */
  readonly columns?: readonly ColumnMoments[];
  /** What no single metric says, a sentence each. */
  readonly remarks?: readonly string[];
  /** Whose floors and references these are, where that is not the law that was sampled. */
  readonly note?: string;
  readonly command: string;
  /** Earlier evaluations of the run by other commands, of other models or of other points; the latest first. */
  readonly earlier?: readonly Omit<RecordedEvaluation, 'earlier'>[];
}

/** What is to be said beside the metrics of guided samples. */
export const GUIDED_NOTE =
  'floors and the points compared with are of the untilted truth: guidance samples another law';

/** Columns that are listed one by one. */
const MOST_COLUMNS = 64;

/** What is compared of the columns of somebody's own data, and what there is to say of them. */
function columnsOf(dataset: Dataset, { columns }: RunConfig['data'], points: Float64Array) {
  if (dataset.distribution !== undefined || dataset.dim > MOST_COLUMNS) return {};
  const compared = compareColumns(points, dataset, columns);
  const remarks = unresolvedColumns(compared);
  return { columns: compared, ...(remarks.length > 0 ? { remarks } : {}) };
}

/**
 * An evaluation with how its samples were made.
 * @param judged the run's own data, in the coordinates in which it is judged, and the points that were judged
 */
export function recorded(
  evaluation: Evaluation,
  judged: { readonly dataset: Dataset; readonly config: RunConfig; readonly points: Float64Array },
  samples: RecordedEvaluation['samples'],
  command: string,
): RecordedEvaluation {
  const guided = 'guidance' in samples && samples.guidance !== 1;
  const { dataset, config, points } = judged;
  // A lifted distribution is known in its plane.
  const columns = config.data.ambient > 0 ? {} : columnsOf(dataset, config.data, points);
  return { ...evaluation, ...columns, samples, ...(guided ? { note: GUIDED_NOTE } : {}), command };
}

/** What is to be read beside the table of metrics. */
export const besideMetrics = ({ remarks = [], note }: RecordedEvaluation): string =>
  [...remarks, ...(note === undefined ? [] : [note])].map((line) => `\n\n${line}`).join('');

/** What a run is judged with where nothing is asked for. */
interface Judging {
  readonly n: number;
  readonly seed: number;
  readonly backend: string;
  readonly family: string;
  /** Whether models without a network are scored as well; they are if not given. */
  readonly baselines?: boolean;
}

/** The command that judges a run as a family is judged unless told otherwise. */
export function evaluateCommand(
  run: string,
  { n, seed, backend, family, baselines = true }: Judging,
): string {
  const options = ['--n', n, '--seed', seed, '--backend', backend].map(String);
  const without = baselines ? [] : ['--no-baselines'];
  return commandOf(['evaluate', resolve(run), ...options, ...without, ...familyOption(family)]);
}

/** What two evaluations have in common that say the same: of them only the later is kept. */
const keyOf = ({ command, samples }: Partial<RecordedEvaluation>): string =>
  JSON.stringify([
    command,
    samples && ('model' in samples ? samples.model.sha256 : 'sha256' in samples ? samples.sha256 : ''),
  ]);

function evaluationBefore(folder: RunFolder): RecordedEvaluation | null {
  if (!folder.has('metrics')) return null;
  try {
    return JSON.parse(new TextDecoder().decode(folder.read('metrics')));
  } catch {
    // Half a file tells nothing.
    return null;
  }
}

/** Writes an evaluation to metrics.json; what other evaluations have left there is kept in it, behind the new one. */
export function writeEvaluation(folder: RunFolder, evaluation: RecordedEvaluation): void {
  const before = evaluationBefore(folder);
  const { earlier: older = [], ...last } = before ?? ({} as Partial<RecordedEvaluation>);
  const earlier = (before ? [last as RecordedEvaluation, ...older] : []).filter(
    (one) => keyOf(one) !== keyOf(evaluation),
  );
  const all = { ...evaluation, ...(earlier.length > 0 ? { earlier } : {}) };
  folder.write('metrics', `${JSON.stringify(all, null, 2)}\n`);
}
