import { formatInteger, formatNumber } from '../report/format.js';
import type { StudyMetric, StudyResults, StudyRow } from './results.js';

/** A column of the table: a metric's key, its short title and how its numbers read. */
export interface StudyColumn {
  readonly key: string;
  readonly title: string;
  readonly unit: '' | 'fraction';
}

const COLUMNS: readonly StudyColumn[] = [
  { key: 'frechet', title: 'Fréchet', unit: '' },
  { key: 'sliced_w2', title: 'sliced W2', unit: '' },
  { key: 'energy_distance', title: 'energy distance', unit: '' },
  { key: 'log_p_true', title: 'E[log p_true]', unit: '' },
  { key: 'off_support', title: 'off support', unit: 'fraction' },
  { key: 'mode_coverage', title: 'mode coverage', unit: 'fraction' },
  { key: 'label_purity', title: 'label purity', unit: 'fraction' },
  { key: 'copies', title: 'copies', unit: 'fraction' },
  { key: 'ambient_residual', title: 'off plane', unit: 'fraction' },
];

/** What the floors' row is called. */
export const floorName = ({ against }: StudyResults): string =>
  against === 'distribution' ? 'perfect samples' : `halves of the ${against}`;

/** The columns that the data of a study allow. */
export const columnsOf = ({ rows }: StudyResults): StudyColumn[] =>
  COLUMNS.filter(({ key }) => rows.some(({ metrics }) => metrics[key] !== undefined));

/** A number of a column, with its spread where there are several seeds. */
export function cellText(mean: number, std: number | null, unit: StudyColumn['unit']): string {
  const factor = unit === 'fraction' ? 100 : 1;
  const sign = unit === 'fraction' ? ' %' : '';
  const value = formatNumber(factor * mean);
  return std === null ? `${value}${sign}` : `${value} ± ${formatNumber(factor * std, 2)}${sign}`;
}

/** The metrics' cells of a row; a dash where a metric does not apply. */
export const metricCells = (row: StudyRow, columns: readonly StudyColumn[]): string[] =>
  columns.map(({ key, unit }) => {
    const metric = row.metrics[key];
    if (metric === undefined) return '–';
    return cellText(metric.mean, row.seeds.length > 1 ? metric.std : null, unit);
  });

/** What perfect samples score: the floor of any row that has the metric, for they share their true samples. */
export function floorOf({ rows }: StudyResults, key: string): StudyMetric | undefined {
  return rows.find(({ metrics }) => metrics[key] !== undefined)?.metrics[key];
}

const floorCells = (results: StudyResults, columns: readonly StudyColumn[]): string[] =>
  columns.map(({ key, unit }) => {
    const metric = floorOf(results, key);
    return metric === undefined ? '–' : cellText(metric.floor, metric.floorStd, unit);
  });

/** A family's mean log-likelihood with its kind. */
export function likelihoodCell({ likelihood, seeds }: StudyRow): string {
  if (likelihood === undefined) return '–';
  if (!('mean' in likelihood)) return 'none';
  const side = likelihood.kind === 'bound' ? '≥ ' : '';
  return `${side}${cellText(likelihood.mean, seeds.length > 1 ? likelihood.std : null, '')} (${likelihood.kind})`;
}

/** Header and rows of the table; the first row is that of perfect samples. */
export function studyCells(results: StudyResults): { header: string[]; rows: string[][] } {
  const columns = columnsOf(results);
  const asked = results.settings.likelihood > 0;
  const truth = results.likelihoodOfTruth;
  return {
    header: [
      'family',
      ...columns.map(({ title }) => title),
      ...(asked ? ['held-out log p, nats'] : []),
      'evaluations',
      'parameters',
      'training time',
    ],
    rows: [
      [
        floorName(results),
        ...floorCells(results, columns),
        ...(asked ? [truth === null ? '–' : `${formatNumber(truth)} (exact)`] : []),
        '–',
        '–',
        '–',
      ],
      ...results.rows.map((row) => [
        row.family,
        ...metricCells(row, columns),
        ...(asked ? [likelihoodCell(row)] : []),
        formatInteger(row.evaluations),
        formatInteger(row.parameters),
        `${formatNumber(row.trainingRatio)} ×`,
      ]),
    ],
  };
}

/** What the numbers were made with, in one sentence. */
export function settingsText({ settings, seeds, device, reference }: StudyResults): string {
  const { data, rows, conditional, steps, batch, hidden, parameters, blocks, samples } = settings;
  const width =
    parameters === undefined
      ? `of hidden width ${hidden} a head`
      : `as wide as ${formatInteger(parameters)} parameters a family take, within 5 %`;
  return (
    `${formatInteger(rows)} training points of ${data}, ${conditional ? 'with labels' : 'without labels'}; ` +
    `${formatInteger(steps)} steps of ${formatInteger(batch)} points; ${blocks} SwiGLU blocks ${width}; ` +
    `${formatInteger(samples)} samples a run; seed${seeds.length > 1 ? 's' : ''} ${seeds.join(', ')}; ` +
    `mean ${seeds.length > 1 ? '± standard deviation over seeds' : 'of one seed'}; times are ratios to ${reference} in this run; ${device}`
  );
}

/** The table in Markdown. */
export function markdownTable(results: StudyResults): string {
  const { header, rows } = studyCells(results);
  const all = [header, ...rows];
  const widths = header.map((_, i) => Math.max(...all.map((row) => [...row[i]].length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((text, i) => text + ' '.repeat(widths[i] - [...text].length)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return `${[line(header), rule, ...rows.map(line)].join('\n')}\n\n${settingsText(results)}.\n`;
}
