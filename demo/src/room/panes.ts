/** Which panes the stage has, what runs in each, and with which model. */
import type { Dataset } from 'tributary';
import { besides, type Limits, NO_MACHINE, sampleChoice } from '../choices.js';
import type { Lesson } from '../lab/lesson.js';
import type { Lessons } from '../lab/lessons.js';
import { configOf, type ModelChoice, stirring } from '../lab/recipe.js';
import type { Machine } from '../machine.js';
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
      title: `${LETTERS[i]}: ${models[i].family}, ${models[i].hidden} wide`,
      lesson,
      model: models[i],
      sde: false,
    }));
  }
  const one = { title: '', lesson: first, model: choice, sde: false };
  const config = configOf(choice, dataset);
  if (!besides(state, config)) return [one];
  const { most } = stirring(config, sampleChoice(state, NO_MACHINE, choice, dataset, true));
  return [
    { ...one, title: 'ODE' },
    { ...one, title: `SDE, ε ≤ ${most.toFixed(2)}`, sde: true },
  ];
}

/** Gives the stage its panes, and each its runner, its model and what it is to do. */
export function showPanes(
  stage: Stage,
  machine: Machine,
  plan: readonly PanePlan[],
  state: State,
  dataset: Dataset,
  trouble: (code: string, message: string) => void,
): void {
  const panes: Pane[] = plan.map(({ title }, i) => {
    const pane = stage.panes[i] ?? newPane(title);
    pane.title = title;
    return pane;
  });
  for (const pane of stage.panes.slice(plan.length)) pane.runner?.destroy();
  panes.forEach((pane, i) => {
    pane.runner ??= machine.runner(trouble);
    showModel(pane, plan[i], machine, state, dataset);
  });
  stage.setPanes(panes);
}

/** Lets a pane show its model as it is now; while one is being opened the last one stays, moved as it was. */
export function showModel(
  pane: Pane | undefined,
  { lesson, sde }: PanePlan,
  limits: Limits,
  state: State,
  dataset: Dataset,
): void {
  const { bytes, choice } = lesson;
  if (bytes === null || choice === null) return;
  pane?.runner?.show(choice, bytes, sampleChoice(state, limits, choice, dataset, sde));
}
