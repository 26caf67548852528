/** How the model learns: buttons, progress, curves, metrics. */
import { isWatched } from '../choices.js';
import { fill, h, rest, say, short } from '../dom.js';
import { wordsOf } from '../lab/fetched.js';
import type { Lesson } from '../lab/lesson.js';
import { drawnWords, stageWords } from '../lab/recipe.js';
import { RANGE } from '../state.js';
import { Chart, historyCurves, LOSS } from './chart.js';
import { type Judged, metricsTable } from './metrics.js';

/** The target of a model that is to learn further than `step`. */
export const further = (step: number): number => Math.min(step + 1000, RANGE.train?.[1] ?? Infinity);

export class LearningPanel {
  readonly element: HTMLElement;
  private readonly losses = new Chart('Loss over training steps', 110);
  private readonly excesses = new Chart('Excess loss over training steps', 110);
  private readonly watched = h('h3', {}, 'Excess of the velocity, ½E|b̂ − b|²');
  private readonly metrics = h('div', {
    class: 'scroll',
    tabindex: 0,
    role: 'region',
    'aria-label': 'Metrics',
  });
  private readonly status = h('p', { class: 'status' });
  /** Steps are not for reading aloud, that learning begins and ends is. */
  private readonly news = h('p', { class: 'visually-hidden', role: 'status' });
  private wasRunning = false;
  private readonly bar = h('progress', { max: 1, value: 0, 'aria-label': 'Training steps done' });
  private readonly toggle: HTMLButtonElement;
  private readonly more: HTMLButtonElement;
  private readonly judge: HTMLButtonElement;
  /** Metrics of particles that were shown, and what they hang on. */
  private shown: { readonly key: string; readonly columns: readonly Judged[] } = { key: '', columns: [] };
  private judging = false;

  constructor(
    private readonly lesson: Lesson,
    private readonly actions: {
      toggle(): void;
      more(): void;
      reset(): void;
      /** Metrics of the particles that are shown. @throws Error where they cannot be judged */
      judge(): Promise<readonly Judged[]>;
      /** What those hang on. */
      shownKey(): string;
    },
  ) {
    this.more = h('button', { type: 'button', id: 'more', onclick: () => actions.more() }, 'Train more');
    this.judge = h(
      'button',
      { type: 'button', id: 'judge', onclick: () => void this.judgeShown() },
      'Judge these particles too',
    );
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
        this.more,
        h('button', { type: 'button', id: 'reset', onclick: () => actions.reset() }, 'Start over'),
      ),
      this.news,
      this.bar,
      this.status,
      h('h3', {}, 'Loss'),
      this.losses.element,
      this.watched,
      this.excesses.element,
      this.metrics,
      this.judge,
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
    const furthest = Math.max(target, step);
    rest(this.more, further(furthest) <= furthest);
    this.announce();
    this.bar.value = target > 0 ? Math.min(1, step / target) : 0;
    const words = [`step ${step.toLocaleString('en')} of ${target.toLocaleString('en')}`];
    if (running && rate > 0) words.push(`${short(rate)} steps a second`);
    if (lesson.parameters > 0) words.push(`${short(lesson.parameters)} parameters`);
    if (lesson.config !== null) words.push(...stageWords(lesson.config, step));
    if (lesson.device !== '') words.push(`on ${lesson.device}`);
    fill(this.status, problem === '' ? words.join(' · ') : `Training stopped: ${problem}`);
    const { choice } = lesson;
    this.watched.hidden = this.excesses.element.hidden = choice !== null && !isWatched(choice.family);
    if (all) {
      const curves = historyCurves(lesson.history);
      this.losses.show(curves.filter(({ title }) => title === LOSS));
      this.excesses.show(curves.filter(({ title }) => title !== LOSS));
      const { evaluation } = lesson.history;
      const { key, columns } = this.shown;
      const now = this.actions.shownKey();
      const shown = key === now ? columns : [];
      metricsTable(this.metrics, [{ title: 'Model', evaluation, step, drawn: drawnWords(choice) }, ...shown]);
      this.judge.hidden = evaluation === null || now === '';
    }
    rest(this.judge, running || this.judging);
  }

  private async judgeShown(): Promise<void> {
    const key = this.actions.shownKey();
    this.judging = true;
    this.update(false);
    try {
      this.shown = { key, columns: await this.actions.judge() };
    } catch (error) {
      say(wordsOf(error));
    } finally {
      this.judging = false;
      this.update(true);
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
