import { badInput } from '../errors.js';
import { baselinesSection } from './baselines.js';
import { chartFigure, chartScripts, excessChart, lossChart } from './charts.js';
import { escapeHtml, formatInteger } from './format.js';
import {
  insideSection,
  metricsSection,
  picturesSection,
  runSection,
  summarySection,
  trajectorySection,
} from './sections.js';
import { STYLE } from './style.js';
import type { PointSet, ReportInput } from './types.js';

/** Nothing may be loaded and nothing sent: whoever opens a report they were given can rely on it. */
export const POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

function checkSet(set: PointSet, name: string): void {
  const { points, labels } = set;
  if (points.length % 2 !== 0) badInput(`the ${name} of a report are ${points.length} numbers, not pairs`);
  if (labels && labels.length !== points.length / 2) {
    badInput(`the ${name} of a report have ${labels.length} labels for ${points.length / 2} points`);
  }
}

function check({ sets, bounds, trajectory, inside = [] }: ReportInput): void {
  for (const [name, set] of Object.entries(sets)) if (set) checkSet(set, `${name} points`);
  for (const { sets: own, title } of inside) for (const set of own) checkSet(set, `points of “${title}”`);
  for (const frame of trajectory ?? []) checkSet(frame, `points at t = ${frame.t}`);
  for (const [low, high] of [bounds.x, bounds.y]) {
    if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) {
      badInput(`the bounds of a report run from ${low} to ${high}; expected finite numbers, the lower first`);
    }
  }
}

/**
 * One self-contained HTML file about a finished run: it opens from a folder, loads nothing, follows the
 * reader's light or dark setting and fits a phone. The same input gives the same text.
 * @throws TributaryError 'bad-input' when point sets are not pairs, labels do not fit, or bounds are empty
 */
export function renderReport(input: ReportInput): string {
  check(input);
  const { run, title } = input;
  const charts = [
    ...(input.loss.points.length > 0 ? [lossChart(input.loss)] : []),
    ...(input.excess && input.excess.points.length > 0 ? [excessChart(input.excess)] : []),
  ];
  const subtitle = [
    `${run.family} on ${run.data}`,
    run.steps === undefined ? 'fitted at once' : `${formatInteger(run.steps)} steps`,
    `seed ${run.seed}`,
    `${formatInteger(run.functionEvaluations)} function evaluations per sample`,
  ].join(' · ');
  const chartSection =
    charts.length === 0
      ? ''
      : `<section>\n<h2>How it learnt</h2>\n<div class="charts">${charts.map(chartFigure).join('\n')}</div>\n</section>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${escapeHtml(title)}</h1>
<p class="subtitle">${escapeHtml(subtitle)}</p>
</header>
${summarySection(input)}
${picturesSection(input)}
${trajectorySection(input)}
${insideSection(input)}
${metricsSection(input)}
${baselinesSection(input)}
${chartSection}
${runSection(input)}
<footer>Made by Tributary. This file is complete: it loads nothing and sends nothing.</footer>
</main>
${chartScripts(charts)}
</body>
</html>
`;
}
