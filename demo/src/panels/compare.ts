/** Two models side by side: the second one's choices, both curves, both rows of metrics. */
import { familyNames } from 'tributary';
import { h } from '../dom.js';
import type { Lesson } from '../lab/lesson.js';
import { HIDDEN, type Store } from '../state.js';
import { Chart, type Curve, historyCurves } from './chart.js';
import { choose } from './fields.js';
import { MORE } from './learning.js';
import { metricsTable } from './metrics.js';

export function comparePanel(
  store: Store,
  lessons: () => readonly [Lesson, Lesson | null],
): { element: HTMLElement; update(): void } {
  const chart = new Chart('Excess loss of both models');
  const table = h('div');
  const status = h('p', { class: 'status' });
  const element = h(
    'section',
    { class: 'compare', 'aria-label': 'Comparison' },
    h('h2', {}, 'Model B beside model A'),
    choose(store, 'family2', {
      label: 'Family of B',
      choices: () => familyNames.map((value) => ({ value, text: value })),
    }),
    choose(store, 'hidden2', {
      label: 'Network of B',
      choices: () => HIDDEN.map((width) => ({ value: String(width), text: `${width} wide, 2 blocks` })),
    }),
    h(
      'div',
      { class: 'buttons' },
      h(
        'button',
        {
          type: 'button',
          id: 'train2',
          onclick: () => {
            const other = lessons()[1];
            if (other?.running) other.pause();
            else store.set({ train2: Math.max(store.state.train2, other?.step ?? 0) + MORE });
          },
        },
        'Pause B, or train it more',
      ),
    ),
    status,
    chart.element,
    table,
  );
  const update = () => {
    element.hidden = store.state.view !== 'compare';
    if (element.hidden) return;
    const [a, b] = lessons();
    status.textContent = `A at step ${a.step.toLocaleString('en')}, B at step ${(b?.step ?? 0).toLocaleString('en')}${b?.running ? ', learning' : ''}${b?.problem ? `: ${b.problem}` : ''}`;
    const name = (curves: Curve[], which: string, dash?: string) =>
      curves
        .filter(({ title }) => title !== 'excess over memorising')
        .map((curve) => ({ ...curve, title: `${which}: ${curve.title}`, ...(dash ? { dash } : {}) }));
    chart.show([
      ...name(historyCurves(a.history), 'A'),
      ...(b ? name(historyCurves(b.history), 'B', '4 3') : []),
    ]);
    metricsTable(table, [
      { title: 'A', result: a.history.evaluation?.result ?? null },
      { title: 'B', result: b?.history.evaluation?.result ?? null },
    ]);
  };
  store.on(update);
  return { element, update };
}
