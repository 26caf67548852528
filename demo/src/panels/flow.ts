/** The view of the particles: the stage, its time, and everything that can be chosen beside it. */
import type { RunConfig } from 'tributary-engine';
import type { App } from '../app.js';
import { SAMPLING, touches } from '../changes.js';
import { besides, NO_MACHINE } from '../choices.js';
import { openBrush } from '../data/brush.js';
import { h } from '../dom.js';
import type { Lesson } from '../lab/lesson.js';
import { FAMILYS, type ModelChoice, refusal, shownConfig, stirring, whyNot } from '../lab/recipe.js';
import { jumpNote } from '../lab/way.js';
import { openFile } from '../room/input.js';
import { CUSTOM, type State } from '../state.js';
import { comparePanel } from './compare.js';
import { controls } from './controls.js';
import { Hints } from './hints.js';
import { judgeShown, shownKey } from './judge.js';
import { further, LearningPanel } from './learning.js';
import { takeAway } from './take_away.js';
import { TimeBar } from './timebar.js';
import { viewPad } from './view_pad.js';

export function flowView(app: App) {
  const { store, stage, lessons } = app;
  const lesson = lessons.first;
  const draw = (before: string, change: Partial<State>) =>
    openBrush(before, (custom) => store.set({ data: CUSTOM, custom, ...change }));
  const hints = new Hints(
    {
      play: () => {
        stage.t = 0;
        store.set({ play: true, t: 0 });
      },
      draw: () => draw('', {}),
      learn: () => document.getElementById('reset')?.click(),
    },
    () => stage.element.focus(),
  );
  /** What is drawn and not the model's, under the time. */
  const way = h('p', { class: 'way', hidden: true });
  const timebar: TimeBar = new TimeBar(store, {
    shown: (t, jumps) => {
      hints.show(t, jumps);
      const text = jumps > 0 ? jumpNote(jumps) : '';
      if (way.textContent === text) return;
      way.textContent = text;
      way.hidden = text === '';
    },
    play: (play) => {
      if (play && stage.t >= 1) stage.t = 0;
      store.set({ play, t: stage.t });
    },
    seek: (t) => {
      stage.t = t;
      timebar.show(t, stage.shown, stage.jumps);
      store.set({ play: false, t });
    },
  });
  const learning = new LearningPanel(lesson, {
    toggle: () => (lesson.running ? lesson.pause() : lesson.train(store.state.train)),
    more: () => store.set({ train: further(Math.max(store.state.train, lesson.step)) }),
    reset: () => void lesson.reset(app.training, store.state.train),
    judge: () => judgeShown(app),
    shownKey: () => shownKey(app),
  });
  store.on((changed) => {
    if (touches(changed, SAMPLING)) learning.update(true);
  });
  const compare = comparePanel(store, lessons, () => app.training);
  const known = new Map<string, unknown>();
  let model = '';
  /** Controls ask again at every change, of the time as well: what depends on the model and `on` is kept. */
  const once = <T>(on: unknown, answer: (config: RunConfig) => T): T => {
    const now = JSON.stringify(app.choice());
    if (model !== now) known.clear();
    model = now;
    const key = JSON.stringify(on);
    if (!known.has(key)) known.set(key, answer(shownConfig(app.choice(), app.data)));
    return known.get(key) as T;
  };
  const moves = () => {
    const { solver, steps, sde, view, epsilon, diffusion } = store.state;
    return [solver, steps, sde, view, epsilon, diffusion];
  };
  const moved = () => once(['moved', moves()], (config) => app.sampling(besides(store.state, config)));
  const panel = controls(store, {
    draw: () => draw(store.state.custom, { conditional: true }),
    open: (file) => void openFile(app, file),
    limits: () => app.machine ?? NO_MACHINE,
    possible: (change) =>
      once(change, () => whyNot({ ...app.choice(), ...change } as ModelChoice, app.data) === ''),
    refusal: (move) => once(['refusal', move], (config) => refusal(config, move)),
    moved,
    settings: () => once('settings', (config) => config.settings as Record<string, unknown>),
    usual: () =>
      once(
        'usual',
        () => shownConfig({ ...app.choice(), ...FAMILYS }, app.data).settings as Record<string, unknown>,
      ),
    stirring: () => once(['stirring', moves()], (config) => stirring(config, moved())),
  });
  const element = h(
    'div',
    { class: 'flow' },
    h(
      'div',
      { class: 'left' },
      app.remark,
      h('div', { class: 'sight' }, stage.element, ...app.surroundings.notes.elements, viewPad(stage.view)),
      hints.element,
      timebar.element,
      way,
    ),
    h(
      'aside',
      { 'aria-label': 'Model and choices' },
      compare.element,
      learning.element,
      panel,
      takeAway(app),
    ),
  );
  /** After something has happened to a lesson, or, without one, to the page; `all` for curves and metrics too. */
  const heading = learning.element.querySelector('h2');
  const again = learning.element.querySelector('#reset');
  const update = (changed: Lesson | null, all: boolean) => {
    // Beside other models it is model A that the panel is about.
    const compared = store.state.view === 'compare';
    if (heading !== null) heading.textContent = compared ? 'How model A learns' : 'How it learns';
    if (again !== null) again.textContent = compared ? 'Start A over' : 'Start over';
    if (changed === null || changed === lesson) learning.update(all);
    compare.update();
  };
  /** What there is to do, for whoever asks. */
  const help = () => {
    if (!element.isConnected) store.set({ view: 'flow' });
    hints.open();
  };
  return { element, timebar, update, help };
}
