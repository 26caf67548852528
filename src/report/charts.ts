import uplot from 'uplot/dist/uPlot.iife.min.js?raw';
import licence from 'uplot/LICENSE?raw';
import client from './chart_client.js?raw';
import { escapeHtml, formatInteger, formatNumber, scriptJson } from './format.js';
import type { ExcessCurve, LossCurve } from './types.js';

/** A chart as chart_client.js reads it. */
export interface Chart {
  id: string;
  title: string;
  /** What the y axis shows, with its unit. */
  axis: string;
  note: string;
  log: boolean;
  steps: number[];
  series: { name: string; colour: string; thin?: boolean; dashed?: boolean; values: (number | null)[] }[];
}

/** More points than pixels only make the file larger. */
const MAX_POINTS = 1600;
const TABLE_ROWS = 12;

/** The least and the greatest of each run of points, so that spikes survive; the ends always do. */
function thin(values: readonly number[]): number[] {
  if (values.length <= MAX_POINTS) return values.map((_, i) => i);
  const kept = new Set([0, values.length - 1]);
  const bucket = (2 * values.length) / MAX_POINTS;
  for (let start = 0; start < values.length; start += bucket) {
    const end = Math.min(values.length, Math.floor(start + bucket));
    let [low, high] = [Math.floor(start), Math.floor(start)];
    for (let i = low; i < end; i++) {
      if (values[i] < values[low]) low = i;
      if (values[i] > values[high]) high = i;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((a, b) => a - b);
}

/** The mean of the last 2 % of the points, so that the trend of a noisy loss can be seen. */
function runningMean(values: readonly number[]): (number | null)[] {
  const window = Math.max(2, Math.round(values.length / 50));
  let sum = 0;
  let count = 0;
  return values.map((value, i) => {
    if (Number.isFinite(value)) {
      sum += value;
      count++;
    }
    const old = values[i - window];
    if (old !== undefined && Number.isFinite(old)) {
      sum -= old;
      count--;
    }
    return i + 1 < window || count === 0 ? null : sum / count;
  });
}

/** A logarithmic axis needs positive numbers; a few of them below zero are noise, many are the point. */
function fitsLog(values: readonly (number | null)[]): boolean {
  const finite = values.filter((value) => value !== null && Number.isFinite(value)) as number[];
  return finite.length > 0 && finite.filter((value) => value > 0).length >= 0.8 * finite.length;
}

function drawable(values: readonly (number | null | undefined)[], log: boolean): (number | null)[] {
  return values.map((value) =>
    typeof value === 'number' && Number.isFinite(value) && (!log || value > 0) ? value : null,
  );
}

function scaleNote(values: readonly (number | null)[], log: boolean): string {
  if (!log) return '';
  const hidden = values.filter((value) => value !== null && value <= 0).length;
  const missing =
    hidden === 0 ? '' : `; ${formatInteger(hidden)} of ${values.length} values are ≤ 0 and not drawn`;
  return ` Logarithmic scale${missing}.`;
}

function withUnit(name: string, unit: string): string {
  return unit === '' ? name : `${name} (${unit})`;
}

export function lossChart({ name, unit, points }: LossCurve): Chart {
  const all = points.map(({ loss }) => loss);
  const given = points.some(({ smoothed }) => smoothed !== undefined);
  const mean = given
    ? points.map(({ smoothed }) => smoothed ?? null)
    : points.length >= 100
      ? runningMean(all)
      : [];
  const log = fitsLog(all);
  const kept = thin(all);
  const pick = <T>(values: readonly T[]) => kept.map((i) => values[i]);
  const series: Chart['series'] = [
    { name: 'batch', colour: '--curve-faint', thin: true, values: drawable(pick(all), log) },
  ];
  if (mean.length > 0) {
    series.push({
      name: given ? 'smoothed' : 'running mean',
      colour: '--curve',
      values: drawable(pick(mean), log),
    });
  } else {
    series[0].colour = '--curve';
  }
  const note = `What training minimises, on its own batches.${scaleNote(all, log)} It has a minimum that is not zero, so its level alone says little.`;
  return {
    id: 'chart-loss',
    title: 'Training loss',
    axis: withUnit(name, unit),
    note,
    log,
    steps: pick(points.map((p) => p.step)),
    series,
  };
}

export function excessChart({ name, unit, points }: ExcessCurve): Chart {
  const all = points.map(({ excess }) => excess);
  const memorising = points.map(({ excessOfMemorising }) => excessOfMemorising ?? null);
  const log = fitsLog(all);
  const kept = thin(all);
  const pick = <T>(values: readonly T[]) => kept.map((i) => values[i]);
  const series: Chart['series'] = [
    { name: 'this network', colour: '--curve', values: drawable(pick(all), log) },
  ];
  let note = `How far the loss on the true distribution is above the least possible one: 0 is perfect.${scaleNote(all, log)}`;
  if (memorising.some((value) => value !== null)) {
    series.push({
      name: 'memorising',
      colour: '--curve-other',
      dashed: true,
      values: drawable(pick(memorising), log),
    });
    note +=
      ' The dashed line is a network that fits every training point exactly: drifting towards it is memorising.';
  }
  return {
    id: 'chart-excess',
    title: 'Excess loss',
    axis: withUnit(name, unit),
    note,
    log,
    steps: pick(points.map((p) => p.step)),
    series,
  };
}

/** The chart's numbers at a dozen steps, for readers without JavaScript. */
function numbersTable({ steps, series }: Chart): string {
  const rows = Math.min(TABLE_ROWS, steps.length);
  const picked = new Set(
    Array.from({ length: rows }, (_, i) =>
      rows < 2 ? 0 : Math.round((i * (steps.length - 1)) / (rows - 1)),
    ),
  );
  const head = ['step', ...series.map(({ name }) => name)].map(
    (text) => `<th scope="col">${escapeHtml(text)}</th>`,
  );
  const body = [...picked].map((i) => {
    const cells = series.map(
      ({ values }) => `<td>${values[i] === null ? '–' : formatNumber(values[i])}</td>`,
    );
    return `<tr><th scope="row">${formatInteger(steps[i])}</th>${cells.join('')}</tr>`;
  });
  return `<table class="plain"><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

export function chartFigure(chart: Chart): string {
  return `<figure class="chart">
<figcaption><h3>${escapeHtml(chart.title)}</h3><p>${escapeHtml(chart.note)}</p></figcaption>
<div class="canvas" id="${chart.id}" role="img" aria-label="${escapeHtml(`${chart.title}: ${chart.axis} by training step`)}"></div>
<noscript>${numbersTable(chart)}</noscript>
</figure>`;
}

/** The scripts that draw the charts; nothing when there are none. */
export function chartScripts(charts: readonly Chart[]): string {
  if (charts.length === 0) return '';
  // uPlot's licence asks that it comes with every copy. A script element ends at the first "</script", wherever it stands.
  const [library, own] = [`/*\n${licence}*/\n${uplot}`, client].map((source) =>
    source.replace(/<\/(script)/gi, '<\\/$1'),
  );
  return `<script type="application/json" id="chart-data">${scriptJson(charts)}</script>
<script>${library}</script>
<script>${own}</script>`;
}
