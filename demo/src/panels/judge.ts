/** Metrics of the particles that are shown: what the solver, its steps and its noise make of the model. */
import type { App } from '../app.js';
import { JUDGED } from '../lab/recipe.js';
import { followsPath } from '../own_settings.js';
import type { Judged } from './metrics.js';

/** What the metrics of the particles that are shown hang on; empty beside other models, which have columns already. */
export const shownKey = (app: App): string =>
  app.store.state.view === 'compare'
    ? ''
    : JSON.stringify([app.lesson.key, app.lesson.step, app.store.state.sde, app.sampling(false)]);

/**
 * A column for each pane.
 * @throws Error where they cannot be judged
 */
export async function judgeShown(app: App): Promise<Judged[]> {
  const { lesson, stage } = app;
  const { label, n } = app.sampling(false);
  if (label >= 0) throw new Error('Metrics judge all labels together: show all of them.');
  if (n < JUDGED) throw new Error(`Metrics are of ${JUDGED} particles: show as many, or more.`);
  const columns: Judged[] = [];
  for (const [i, { runner, title }] of stage.panes.entries()) {
    const points = (await runner?.samples())?.slice(0, 2 * JUDGED) ?? new Float64Array();
    if (points.length < 2 * JUDGED) throw new Error('There is no model yet: let it learn first.');
    const { step } = lesson;
    const { solver, steps } = app.sampling(i > 0);
    const result = await lesson.judge(points);
    columns.push({
      title: title.split(',')[0] || 'Shown',
      evaluation: { step, result },
      step,
      note: followsPath(lesson.choice?.family ?? '') ? `${solver}, ${steps}` : 'as seen',
    });
  }
  return columns;
}
