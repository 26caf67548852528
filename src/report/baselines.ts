import { baselinesOf, comparedWith, modelText } from './beside.js';
import { escapeHtml, formatValue } from './format.js';
import type { MetricRow, ReportInput } from './types.js';

const MARKS = { better: 'better than this run', even: 'even with it', worse: 'worse' } as const;

function row(metric: MetricRow, names: readonly string[]): string {
  const { name, value, unit, better, baselines = {} } = metric;
  // Five numbers of one unit: it is said once.
  const inCells = unit === 'fraction' ? unit : '';
  const said = unit === inCells ? '' : `, ${unit}`;
  const cells = names.map((model) => {
    const other = baselines[model];
    const label = escapeHtml(model);
    if (other === undefined) return `<td data-name="${label}">–</td>`;
    const result = comparedWith(metric, other);
    const text = escapeHtml(formatValue(other, inCells));
    return `<td data-name="${label}" class="${result}" title="${MARKS[result]}">${text}${result === 'better' ? '<small>better</small>' : ''}</td>`;
  });
  return `<tr><th scope="row">${escapeHtml(name + said)}<small>${better === 'lower' ? '↓' : '↑'}</small></th><td data-name="This run"><strong>${escapeHtml(formatValue(value, inCells))}</strong></td>${cells.join('')}</tr>`;
}

/** What models without a network score beside the run: whatever it does not beat was not worth training. */
export function baselinesSection({ metrics }: ReportInput): string {
  const known = metrics.filter(({ baselines }) => baselines !== undefined);
  const names = baselinesOf(known);
  if (names.length === 0) return '';
  const heads = names.map(
    (name) => `<th scope="col">${escapeHtml(name)}<small>${escapeHtml(modelText(name))}</small></th>`,
  );
  return `<section>
<h2>What a model without a network scores</h2>
<p class="note">Each is fitted to the same training points in seconds, with a bandwidth or a number of components that these points choose. Where one is marked better, by more than fresh samples of this run differ from each other, training a network was not worth it by that metric.</p>
<table class="beside">
<thead><tr><th scope="col">Metric</th><th scope="col">This run</th>${heads.join('')}</tr></thead>
<tbody>
${known.map((metric) => row(metric, names)).join('\n')}
</tbody>
</table>
</section>`;
}
