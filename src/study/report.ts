import { binDensity, brightestMass, countClasses, paintDensity, pngDataUri } from '../report/density.js';
import { escapeHtml, formatInteger, formatNumber } from '../report/format.js';
import { judge } from '../report/judge.js';
import { POLICY } from '../report/render.js';
import { STYLE } from '../report/style.js';
import type { Bounds } from '../report/types.js';
import type { StudyPicture, StudyResults, StudyRow } from './results.js';
import {
  cellText,
  columnsOf,
  floorName,
  floorOf,
  likelihoodCell,
  metricCells,
  type StudyColumn,
  settingsText,
} from './table.js';

export interface StudyReportInput {
  readonly results: StudyResults;
  /** What reproduces the study. */
  readonly command: string;
  /** Pictures of 2-D data: the truth first, then each family's samples; none for other data. */
  readonly pictures: readonly StudyPicture[];
  readonly bounds: Bounds | null;
}

const PICTURE_WIDTH = 240;

const OWN_STYLE = `
main { max-width: 1500px; }
.wide { overflow-x: auto; } .study { font-size: 0.9rem; } .study th, .study td { padding: 0.45rem 1rem 0.45rem 0;
  white-space: nowrap; } .study tbody th { width: auto; position: sticky; left: 0; background: var(--paper); }
.study td { font-weight: 600; } .study td small { font-weight: 400; } .study .plainly { font-weight: 400; }
.study .floor td, .study .floor th { font-weight: 400; color: var(--muted); }
.at { color: var(--at); } .near { color: var(--near); } .above { color: var(--above); } .far { color: var(--far); }
.beyond { color: var(--beyond); } .key { display: flex; flex-wrap: wrap; gap: 0.3rem 1.2rem; padding: 0; margin:
  0.8rem 0 0; list-style: none; font-size: 0.88rem; font-weight: 600; }
.gallery { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 190px), 1fr)); }
.gallery figcaption { font-size: 0.88rem; margin-top: 0.3rem; }
`;

/** What the floors' row holds. */
const FIRST_ROW = {
  distribution:
    'The first row is what perfect samples of the same size score, ± the spread from one draw of them to the next. Colours compare with it: what lies where single draws of perfect samples score cannot be told from them.',
  'held-out points': 'The first row compares halves of the held-out points with each other.',
  'training points':
    'No row was held out: samples are compared with the points that the models have learnt, so that a copy of these would score best, and only the share of copies is judged. The first row compares halves of these points with each other.',
};

function metricCell(row: StudyRow, column: StudyColumn, against: StudyResults['against']): string {
  const metric = row.metrics[column.key];
  if (metric === undefined) return '<td class="plainly">–</td>';
  const { mean, floor, floorStd, perfect, better } = metric;
  const { level, text } = judge(
    {
      ...{ key: column.key, name: '', explanation: '', n: 0 },
      ...{ value: mean, floor, floorStd, unit: column.unit, better },
      ...(perfect ? { perfect } : {}),
    },
    against,
  );
  const [value, spread] = metricCells(row, [column])[0].split(' ± ');
  const small = spread === undefined ? '' : `<small>± ${escapeHtml(spread)}</small>`;
  return `<td class="${level}" title="${escapeHtml(text)}">${escapeHtml(value)}${small}</td>`;
}

function table(results: StudyResults): string {
  const columns = columnsOf(results);
  const asked = results.settings.likelihood > 0;
  const titles = [
    'Family',
    ...columns.map(({ title }) => title),
    ...(asked ? ['held-out log p'] : []),
    ...['Solver', 'Evaluations', 'Parameters', 'Training', 'Sampling'],
  ];
  const floors = columns.map(({ key, unit }) => {
    const metric = floorOf(results, key);
    if (metric === undefined) return '<td>–</td>';
    return `<td>${escapeHtml(cellText(metric.floor, null, unit))}<small>± ${escapeHtml(cellText(metric.floorStd, null, unit))}</small></td>`;
  });
  const truth = results.likelihoodOfTruth;
  const plain = (text: string) => `<td class="plainly">${escapeHtml(text)}</td>`;
  const rows = results.rows.map(
    (row) =>
      `<tr><th scope="row">${escapeHtml(row.family)}</th>${columns
        .map((column) => metricCell(row, column, results.against))
        .join(
          '',
        )}${asked ? plain(likelihoodCell(row)) : ''}${plain(`${row.solver}, ${formatInteger(row.solverSteps)}`)}${[
        formatInteger(row.evaluations),
        formatInteger(row.parameters),
        `${formatNumber(row.trainingRatio)} ×`,
        `${formatNumber(row.samplingRatio)} ×`,
      ]
        .map(plain)
        .join('')}</tr>`,
  );
  return `<div class="wide"><table class="study">
<thead><tr>${titles.map((title) => `<th scope="col">${escapeHtml(title)}</th>`).join('')}</tr></thead>
<tbody>
<tr class="floor"><th scope="row">${escapeHtml(floorName(results))}</th>${floors.join('')}${asked ? `<td>${truth === null ? '–' : `${formatNumber(truth)} (exact)`}</td>` : ''}${'<td>–</td>'.repeat(5)}</tr>
${rows.join('\n')}
</tbody>
</table></div>`;
}

function gallery({ pictures, bounds }: StudyReportInput): string {
  if (pictures.length === 0 || bounds === null) return '';
  const sets = pictures.map(({ set }) => set);
  const classes = countClasses(sets);
  const grids = sets.map((set) => binDensity(set, bounds, PICTURE_WIDTH, classes, PICTURE_WIDTH / 320));
  const brightest = brightestMass(grids[0]);
  const figures = grids.map((grid, i) => {
    const { name, set } = pictures[i];
    const uri = pngDataUri(paintDensity(grid, brightest, set.labels !== undefined), grid.width, grid.height);
    return `<figure><div class="picture"><img src="${uri}" width="${grid.width}" height="${grid.height}" alt="Density of ${escapeHtml(name)}"></div><figcaption>${escapeHtml(name)}</figcaption></figure>`;
  });
  return `<section>
<h2>What they draw</h2>
<p class="note">Samples of the first seed at one scale; brightness is the logarithm of the share of points, hue the label. The first picture is the truth.</p>
<div class="gallery">${figures.join('\n')}</div>
</section>`;
}

/** The study as one self-contained HTML file: it loads nothing and sends nothing. */
export function renderStudy(input: StudyReportInput): string {
  const { results, command } = input;
  const title = `Families on ${results.settings.data}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${STYLE}${OWN_STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${escapeHtml(title)}</h1>
<p class="subtitle">${escapeHtml(settingsText(results))}</p>
</header>
<section>
<h2>What they score</h2>
<p class="note">${escapeHtml(FIRST_ROW[results.against])}</p>
${table(results)}
<ul class="key"><li class="at">as perfect samples score</li><li class="near">up to twice</li><li class="above">up to ten times</li><li class="far">beyond ten times</li><li class="beyond">past what these score: no merit</li></ul>
</section>
${gallery(input)}
<section>
<h2>How it was made</h2>
<p class="note">To reproduce:</p>
<pre><code>${escapeHtml(command)}</code></pre>
</section>
<footer>Made by Tributary. This file is complete: it loads nothing and sends nothing.</footer>
</main>
</body>
</html>
`;
}
