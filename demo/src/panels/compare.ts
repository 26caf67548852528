/** Two to four models side by side: the others' choices, all curves, all columns of metrics. */

import { isWatched } from '../choices.js';
import { h } from '../dom.js';
import type { Lessons } from '../lab/lessons.js';
import type { BackendChoiceName } from '../lab/names.js';
import { drawnWords } from '../lab/recipe.js';
import { pageFamilies } from '../own_settings.js';
import { LETTERS } from '../room/panes.js';
import { HIDDEN } from '../state.js';
import type { Store } from '../store.js';
import { Chart, type Curve, comparableCurves, EXCESS } from './chart.js';
import { choose, when } from './fields.js';
import { further } from './learning.js';
import { metricsTable } from './metrics.js';

/** How each model's curves are drawn. */
const DASHES = [undefined, '6 3', '2 3', '9 3 2 3'];

const families = pageFamilies.map((value) => ({ value, text: value }));
const NONE = { value: '', text: 'none' };

/** The choices of one of the other models; all but B may be absent. */
function rival(store: Store, letter: string, at: 2 | 3 | 4): HTMLElement[] {
  const family = `family${at}` as const;
  const width = choose(store, `hidden${at}` as const, {
    label: `${letter}: network`,
    choices: () => HIDDEN.map((value) => ({ value: String(value), text: `${value} wide, 2 blocks` })),
  });
  return [
    choose(store, family, {
      label: `${letter}: family`,
      choices: () => (at === 2 ? families : [NONE, ...families]),
    }),
    when(store, width, (state) => state[family] !== ''),
  ];
}

/** @param training where models train */
export function comparePanel(
  store: Store,
  lessons: Lessons,
  training: () => BackendChoiceName,
): { element: HTMLElement; update(): void } {
  // Apart: an excess in units of memorising may be a hundred times what a loss is, or a hundredth.
  const losses = new Chart('Loss of the models', 110);
  const excesses = new Chart('Excess loss of the models', 110);
  const table = h('div', {
    class: 'scroll',
    tabindex: 0,
    role: 'region',
    'aria-label': 'Metrics of the models',
  });
  const status = h('p', { class: 'status' });
  const learning = () => lessons.others.some(({ running }) => running);
  /** Whether one of them has been told to pause on its way, or could not begin. */
  const resting = () => lessons.others.some(({ step }) => step < store.state.train2);
  const toggle = h('button', {
    type: 'button',
    id: 'train2',
    onclick: () => {
      const { others } = lessons;
      if (learning()) for (const other of others) other.pause();
      else if (resting()) for (const other of others) other.train(store.state.train2);
      else store.set({ train2: further(store.state.train2) });
    },
  });
  const startOver = () => {
    for (const other of lessons.others) void other.reset(training(), store.state.train2);
  };
  const heading = h('h3', {}, 'Excess over the truth: 1 is memorising');
  const element = h(
    'section',
    { class: 'compare', 'aria-label': 'Comparison' },
    h('h2', {}, 'Other models beside model A'),
    ...rival(store, 'B', 2),
    ...rival(store, 'C', 3),
    ...rival(store, 'D', 4),
    h(
      'div',
      { class: 'buttons' },
      toggle,
      h('button', { type: 'button', id: 'reset2', onclick: startOver }, 'Start them over'),
    ),
    status,
    h('h3', {}, 'Loss'),
    losses.element,
    heading,
    excesses.element,
    table,
  );
  const update = () => {
    element.hidden = store.state.view !== 'compare';
    if (element.hidden) return;
    toggle.textContent = learning() ? 'Pause them' : resting() ? 'Go on with them' : 'Train them more';
    const all = [lessons.first, ...lessons.others].map((lesson, i) => ({ lesson, letter: LETTERS[i] }));
    status.textContent = all
      .map(({ lesson: { step, running, problem }, letter }) => {
        const doing = problem !== '' ? `: ${problem}` : running ? ', learning' : '';
        return `${letter} at step ${step.toLocaleString('en')}${doing}`;
      })
      .join(' · ');
    const curves = all.flatMap(({ lesson: { history }, letter }, i) =>
      comparableCurves(history).map((curve) => {
        const dash = DASHES[i];
        const own: Curve = { ...curve, title: letter, ...(dash ? { dash } : {}) };
        return { own, isExcess: curve.title === EXCESS };
      }),
    );
    // Where none is watched there is nothing to come.
    const watched = all.some(({ lesson: { choice } }) => choice === null || isWatched(choice.family));
    heading.hidden = excesses.element.hidden = !watched;
    excesses.beside = curves.flatMap(({ own, isExcess }) => (isExcess ? [] : own));
    losses.beside = curves.flatMap(({ own, isExcess }) => (isExcess ? own : []));
    losses.show(excesses.beside);
    excesses.show(losses.beside);
    metricsTable(
      table,
      all.map(({ lesson: { choice, history, step }, letter }) => ({
        title: letter,
        drawn: drawnWords(choice),
        evaluation: history.evaluation,
        step,
      })),
    );
  };
  store.on(update);
  return { element, update };
}
