import {
  binDensity,
  brightestMass,
  countClasses,
  LABEL_COLOURS,
  paintDensity,
  pngDataUri,
} from './density.js';
import { escapeHtml, formatDuration, formatInteger, formatRange, formatValue } from './format.js';
import { type Judgement, judge } from './judge.js';
import { countOutside, summarise } from './summary.js';
import type { Bounds, MetricRow, PointSet, ReportInput } from './types.js';

export function summarySection(input: ReportInput): string {
  const { verdict, remarks } = summarise(input);
  // No line break between a number and its sign.
  const bound = (remark: string) => remark.replace(/(\d) (?=[%×])/g, '$1\u00a0');
  const paragraphs = remarks.map((remark) => `<p>${escapeHtml(bound(remark))}</p>`).join('\n');
  return `<section class="summary" aria-label="Summary">\n<p class="verdict">${escapeHtml(verdict)}</p>\n${paragraphs}\n</section>`;
}

/** Three or four round numbers inside an axis, with their place on it in per cent. */
function ticks([low, high]: readonly [number, number]): { at: number; text: string }[] {
  const rough = (high - low) / 4;
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const result: { at: number; text: string }[] = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) {
    const at = (100 * (k * step - low)) / (high - low);
    // A number at the very edge would be cut in half.
    const text = String(Number((k * step).toPrecision(6))).replace('-', '−');
    if (at > 4 && at < 96) result.push({ at: Number(at.toFixed(2)), text });
  }
  return result;
}

interface Picture {
  set: PointSet;
  alt: string;
}

/** Pictures of several point sets at one scale: the first decides how bright is bright. */
function pictures(list: readonly Picture[], bounds: Bounds, width: number, scaleOf: number): string[] {
  const sets = list.map(({ set }) => set);
  const classes = countClasses(sets);
  const grids = sets.map((set) => binDensity(set, bounds, width, classes, width / 320));
  const brightest = brightestMass(grids[scaleOf]);
  const along = ticks(bounds.x).map(({ at, text }) => `<span class="x" style="left:${at}%">${text}</span>`);
  const up = ticks(bounds.y).map(({ at, text }) => `<span class="y" style="bottom:${at}%">${text}</span>`);
  return grids.map((grid, i) => {
    const uri = pngDataUri(
      paintDensity(grid, brightest, sets[i].labels !== undefined),
      grid.width,
      grid.height,
    );
    const size = `width="${grid.width}" height="${grid.height}"`;
    return `<div class="picture"><img src="${uri}" ${size} alt="${escapeHtml(list[i].alt)}"><div aria-hidden="true">${along.join('')}${up.join('')}</div></div>`;
  });
}

function legend(input: ReportInput): string {
  const { samples, truth, training } = input.sets;
  const present = new Set<number>();
  for (const { labels } of [samples, training, ...(truth ? [truth] : [])])
    for (const label of labels ?? []) present.add(label);
  if (present.size < 2) return '';
  const items = [...present].sort((a, b) => a - b).slice(0, LABEL_COLOURS.length);
  const more =
    present.size > items.length ? `<li>and ${present.size - items.length} more, colours repeating</li>` : '';
  const entries = items.map((label) => {
    const [r, g, b] = LABEL_COLOURS[label % LABEL_COLOURS.length];
    const name = input.labelNames?.[label] ?? `label ${label}`;
    return `<li><i style="background:rgb(${r} ${g} ${b})"></i>${escapeHtml(name)}</li>`;
  });
  return `<ul class="legend">${entries.join('')}${more}</ul>`;
}

export function picturesSection(input: ReportInput): string {
  const { samples, truth, training } = input.sets;
  const parts = [
    { name: 'Samples', text: 'from this model', set: samples },
    ...(truth ? [{ name: 'Truth', text: 'fresh from the data distribution', set: truth }] : []),
    { name: 'Training set', text: 'all that the model has seen', set: training },
  ];
  const images = pictures(
    parts.map(({ name, text, set }) => ({ set, alt: `Density of the ${name.toLowerCase()}: ${text}` })),
    input.bounds,
    440,
    1,
  );
  const figures = parts.map(({ name, text, set }, i) => {
    const outside = countOutside(set, input.bounds);
    const note = outside > 0 ? `, ${formatInteger(outside)} outside the frame` : '';
    const count = `${formatInteger(set.points.length / 2)} points${note}`;
    return `<figure>${images[i]}<figcaption><strong>${name}</strong> ${text}<br><small>${count}</small></figcaption></figure>`;
  });
  return `<section>
<h2>What it draws</h2>
<p class="note">Brightness is the logarithm of the share of points, on one scale for all; hue is the label.${truth ? '' : ' Nothing but these points is known of the truth.'}</p>
${legend(input)}
<div class="trio">${figures.join('\n')}</div>
</section>`;
}

export function trajectorySection({ trajectory, trajectoryNote = '', bounds }: ReportInput): string {
  if (!trajectory || trajectory.length === 0) return '';
  const images = pictures(
    trajectory.map((set) => ({ set, alt: `Density of the samples at t = ${set.t}` })),
    bounds,
    240,
    trajectory.length - 1,
  );
  const figures = trajectory.map(
    ({ t }, i) =>
      `<figure>${images[i]}<figcaption><var>t</var> = ${Number(t.toPrecision(3))}</figcaption></figure>`,
  );
  return `<section>
<h2>From noise to data</h2>
<p class="note">The same samples on their way: t = 0 is the base distribution, t = 1 the result. ${escapeHtml(trajectoryNote)}</p>
<div class="frames">${figures.join('\n')}</div>
</section>`;
}

/** What only the run's family has: latents, say. */
export function insideSection({ inside = [] }: ReportInput): string {
  return inside
    .map(({ title, note, sets, bounds }) => {
      const images = pictures(
        sets.map((set) => ({ set, alt: `Density of ${set.name}: ${set.text}` })),
        bounds,
        320,
        0,
      );
      const figures = sets.map(
        ({ name, text }, i) =>
          `<figure>${images[i]}<figcaption><strong>${escapeHtml(name)}</strong> ${escapeHtml(text)}</figcaption></figure>`,
      );
      return `<section>
<h2>${escapeHtml(title)}</h2>
<p class="note">${escapeHtml(note)}</p>
<div class="trio">${figures.join('\n')}</div>
</section>`;
    })
    .join('\n');
}

/** 1 × to 1000 × the floor on a logarithmic line; both ends gather what is beyond them. */
function meter({ ratio, trainingRatio, text }: Judgement): string {
  if (ratio === undefined) return '';
  const place = (value: number) => (100 * Math.min(3, Math.max(0, Math.log10(value)))) / 3;
  const training =
    trainingRatio === undefined
      ? ''
      : `<i class="training" style="left:${place(trainingRatio).toFixed(1)}%" title="training set"></i>`;
  return `<div class="meter" role="img" aria-label="${escapeHtml(text)}"><b style="width:${place(ratio).toFixed(1)}%"></b>${training}<i class="value" style="left:${place(ratio).toFixed(1)}%"></i></div>`;
}

function metricRow(row: MetricRow, against: ReportInput['against']): string {
  const judged = judge(row, against);
  const spread =
    row.floorStd === undefined
      ? ''
      : `<small>± ${escapeHtml(formatValue(row.floorStd, row.unit, 2))}</small>`;
  const published = row.published
    ? `<p><small>Published: ${escapeHtml(`${formatValue(row.published.value, row.unit)} (${row.published.source})`)}</small></p>`
    : '';
  const rangeOf = (range: MetricRow['interval']) =>
    range ? `<small>${escapeHtml(formatRange(range, row.unit))}</small>` : '';
  const own = rangeOf(row.interval);
  const range = rangeOf(row.perfect);
  const training = row.training === undefined ? '–' : formatValue(row.training, row.unit);
  const arrow = row.better === 'lower' ? '↓ lower is better' : '↑ higher is better';
  return `<tr class="${judged.level}">
<th scope="row">${escapeHtml(row.name)}<small>${arrow}</small><small>n = ${formatInteger(row.n)}</small></th>
<td data-name="Value"><span class="number">${escapeHtml(formatValue(row.value, row.unit))}</span>${own}</td>
<td data-name="${row.better === 'lower' ? 'Floor' : 'Ceiling'}"><span>${escapeHtml(formatValue(row.floor, row.unit))}</span>${range === '' ? spread : range}</td>
<td data-name="Training set"><span>${escapeHtml(training)}</span></td>
<td class="reading"><span class="judgement">${escapeHtml(judged.text)}</span>${meter(judged)}<p>${escapeHtml(row.explanation)}</p>${published}</td>
</tr>`;
}

/** What the floor's column holds. */
const FLOORS = {
  distribution:
    'The floor (for “higher is better”, the ceiling) is what fresh samples of the truth, as many as are judged, score on average, with the range that they score in: so wide that all metrics together leave it on the bad side in 5 % of cases. What is inside cannot be told from perfect samples, and what is past it is no better than they are.',
  'held-out points':
    'The floor compares halves of the held-out points with each other, with the range that such halves score in. What is inside cannot be told from true points.',
  'training points':
    'No row was held out: samples are compared with the points that the model has learnt, so that a copy of these would score best and nothing here says how near samples are to the truth. The floor compares halves of these points with each other.',
};

export function metricsSection({ metrics, against = 'distribution' }: ReportInput): string {
  if (metrics.length === 0) return '';
  return `<section>
<h2>What it scores</h2>
<p class="note">${FLOORS[against]} Under a value is its 95 % interval over fresh samples of the same model. The line shows how many times its floor a metric is, from 1 to 1000 on a logarithmic scale, with a hollow mark for the training set.</p>
<table class="metrics">
<thead><tr><th scope="col">Metric</th><th scope="col">Value</th><th scope="col">Floor</th><th scope="col">Training set</th><th scope="col">How to read it</th></tr></thead>
<tbody>
${metrics.map((row) => metricRow(row, against)).join('\n')}
</tbody>
</table>
</section>`;
}

export function runSection({ run }: ReportInput): string {
  const facts: [string, string][] = [
    ['Family', run.family],
    ['Data', run.data],
    ['Seed', String(run.seed)],
    ...(run.steps === undefined ? [] : [['Training steps', formatInteger(run.steps)] as [string, string]]),
    ...(run.network === undefined ? [] : [['Network', run.network] as [string, string]]),
    [run.network === undefined ? 'Fitted numbers' : 'Parameters', formatInteger(run.parameters)],
    ['Function evaluations per sample', formatInteger(run.functionEvaluations)],
    ['Backend', run.backend],
    ['Device', run.device],
    ['Training time', formatDuration(run.seconds)],
    ...(run.more ?? []).map(({ name, value }): [string, string] => [name, value]),
  ];
  const entries = facts.map(
    ([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  return `<section>
<h2>How it was made</h2>
<dl>${entries.join('')}</dl>
<p class="note">To reproduce:</p>
<pre><code>${escapeHtml(run.command)}</code></pre>
</section>`;
}
