/** How the model learns: buttons, progress, curves, metrics. */
import { fill, h, rest, short } from '../dom.js';
import type { Lesson } from '../lab/lesson.js';
import { roundOf } from '../lab/recipe.js';
import { RANGE } from '../state.js';
import { Chart, historyCurves } from './chart.js';
import { metricsTable } from './metrics.js';

/** The target of a model that is to learn further than `step`. */
export const further = (step: number): number => Math.min(step + 1000, RANGE.train?.[1] ?? Infinity);

export class LearningPanel {
  readonly element: HTMLElement;
  private readonly chart = new Chart('Loss and excess loss over training steps');
  private readonly metrics = h('div');
  private readonly status = h('p', { class: 'status' });
  /** Steps are not for reading aloud, that learning begins and ends is. */
  private readonly news = h('p', { class: 'visually-hidden', role: 'status' });
  private wasRunning = false;
  private readonly bar = h('progress', { max: 1, value: 0, 'aria-label': 'Training steps done' });
  private readonly toggle: HTMLButtonElement;

  constructor(
    private readonly lesson: Lesson,
    actions: { toggle(): void; more(): void; reset(): void },
  ) {
    this.toggle = h('button', {
      type: 'button',
      id: 'train',
      class: 'primary',
      onclick: () => actions.toggle(),
    });
    this.element = h(
      'section',
      { class: 'learning', 'aria-label': 'Learning' },
      h('h2', {}, 'How it learns'),
      h(
        'div',
        { class: 'buttons' },
        this.toggle,
        h('button', { type: 'button', id: 'more', onclick: () => actions.more() }, 'Train more'),
        h('button', { type: 'button', id: 'reset', onclick: () => actions.reset() }, 'Start over'),
      ),
      this.news,
      this.bar,
      this.status,
      this.chart.element,
      this.metrics,
    );
    this.update(true);
  }

  update(all: boolean): void {
    const { lesson } = this;
    const { step, target, running, rate, problem } = lesson;
    this.toggle.textContent = running
      ? 'Pause learning'
      : step === 0
        ? 'Learn'
        : step < target
          ? 'Go on'
          : 'Learned';
    rest(this.toggle, !running && step >= target);
    this.announce();
    this.bar.value = target > 0 ? Math.min(1, step / target) : 0;
    const words = [`step ${step.toLocaleString('en')} of ${target.toLocaleString('en')}`];
    if (running && rate > 0) words.push(`${short(rate)} steps a second`);
    if (lesson.parameters > 0) words.push(`${short(lesson.parameters)} parameters`);
    if (lesson.config !== null && roundOf(lesson.config, step) > 0) words.push('on its own pairs (reflow)');
    if (lesson.device !== '') words.push(`on ${lesson.device}`);
    fill(this.status, problem === '' ? words.join(' · ') : `Training stopped: ${problem}`);
    if (all) {
      this.chart.show(historyCurves(lesson.history));
      metricsTable(this.metrics, [{ title: 'Model', evaluation: lesson.history.evaluation, step }]);
    }
  }

  private announce(): void {
    const { running, step, target } = this.lesson;
    if (running === this.wasRunning) return;
    this.wasRunning = running;
    const at = `at step ${step.toLocaleString('en')}`;
    this.news.textContent = running ? 'Learning' : step < target ? `Paused ${at}` : `Learned, ${at}`;
  }
}
