/** Which panes the stage has, what runs in each, and with which model. */
import type { Dataset } from 'tributary-engine';
import { besides, NO_MACHINE, sampleChoice } from '../choices.js';
import type { Lesson } from '../lab/lesson.js';
import type { Lessons } from '../lab/lessons.js';
import { type ModelChoice, ownParts, shownConfig, stirring } from '../lab/recipe.js';
import type { Trouble } from '../lab/runner.js';
import type { Machine } from '../machine.js';
import { followsPath } from '../own_settings.js';
import { newPane, type Pane } from '../scene/pane.js';
import type { Stage } from '../scene/stage.js';
import type { State } from '../state.js';

export interface PanePlan {
  readonly title: string;
  readonly lesson: Lesson;
  /** The model that it is to show: the lesson may be opening it yet. */
  readonly model: ModelChoice;
  readonly sde: boolean;
}

export const LETTERS = 'ABCD';

/** What tells a model from the others, and how it is sampled where it cannot be as was chosen. */
function wordsFor(state: State, model: ModelChoice, dataset: Dataset): string {
  const { solver } = sampleChoice(state, NO_MACHINE, model, dataset, false);
  return [
    model.family,
    `${model.hidden} wide`,
    ...ownParts(model, dataset),
    ...(solver === state.solver || !followsPath(model.family) ? [] : [solver]),
  ].join(', ');
}

/** One pane, or ODE beside SDE, or one a model of the comparison. */
export function planPanes(
  state: State,
  { first, others }: Lessons,
  models: readonly ModelChoice[],
  dataset: Dataset,
): PanePlan[] {
  const [choice] = models;
  if (state.view === 'compare') {
    return [first, ...others].slice(0, models.length).map((lesson, i) => ({
      title: `${LETTERS[i]}: ${wordsFor(state, models[i], dataset)}`,
      lesson,
      model: models[i],
      sde: false,
    }));
  }
  const one = { title: '', lesson: first, model: choice, sde: false };
  const config = shownConfig(choice, dataset);
  if (!besides(state, config)) return [one];
  const stirred = stirring(config, sampleChoice(state, NO_MACHINE, choice, dataset, true));
  const most = stirred === null ? '' : `, ε ≤ ${stirred.most.toFixed(2)}`;
  return [
    { ...one, title: 'ODE' },
    { ...one, title: `SDE${most}`, sde: true },
  ];
}

/** Gives the stage its panes, and each its runner, its model and what it is to do. */
export function showPanes(
  stage: Stage,
  machine: Machine,
  plan: readonly PanePlan[],
  state: State,
  dataset: Dataset,
  trouble: Trouble,
): void {
  const panes: Pane[] = plan.map(({ title }, i) => {
    const pane = stage.panes[i] ?? newPane(title);
    pane.title = title;
    return pane;
  });
  for (const pane of stage.panes.slice(plan.length)) close(pane);
  panes.forEach((pane, i) => {
    showModel(pane, plan[i], machine, state, dataset, trouble);
  });
  stage.setPanes(panes);
}

/**
 * Lets a pane show its model as it is now; while one is being opened the last one stays, moved as it was. One that
 * cannot be had empties its pane.
 */
export function showModel(
  pane: Pane,
  { lesson, sde }: PanePlan,
  machine: Machine,
  state: State,
  dataset: Dataset,
  trouble: Trouble,
): void {
  const { bytes, choice, problem } = lesson;
  pane.empty = bytes === null && problem !== '';
  if (pane.empty) {
    close(pane);
    return;
  }
  pane.runner ??= machine.runner(trouble);
  if (bytes === null || choice === null) return;
  pane.runner.show(choice, bytes, sampleChoice(state, machine, choice, dataset, sde));
}

/** Lets go of what runs in a pane. */
export function close(pane: Pane): void {
  pane.runner?.destroy();
  pane.runner = null;
  // Another one counts its versions from the beginning.
  pane.fieldVersion = -1;
  pane.paintVersion = -1;
}
