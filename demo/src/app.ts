/** The page: state, lessons, machine and stage, tied together. */
import { type Dataset, solverByName } from 'tributary';
import { Colours } from './colours.js';
import { openBrush } from './data/brush.js';
import { h, say } from './dom.js';
import { Lesson, type LessonEvent } from './lab/lesson.js';
import type { BackendChoiceName } from './lab/names.js';
import {
  canSample,
  configOf,
  datasetOf,
  hasSde,
  type ModelChoice,
  type SampleChoice,
  tableOf,
  whyNot,
} from './lab/recipe.js';
import { shippedModel } from './lab/shipped.js';
import { type Machine, openMachine } from './machine.js';
import { comparePanel } from './panels/compare.js';
import { classesOf, controls, countLimit, usualCount } from './panels/controls.js';
import { hints } from './panels/hints.js';
import { LearningPanel, MORE } from './panels/learning.js';
import { takeAway } from './panels/take_away.js';
import { TimeBar } from './panels/timebar.js';
import { extentOf, TruthOverlay } from './scene/overlays.js';
import { newPane, type Pane, Stage } from './scene/stage.js';
import { CUSTOM, DEFAULTS, type Key, Store, VIEWS } from './state.js';
import { onTheme, theme, wantsCalm } from './theme.js';

/** What a change of these means for the models, the particles, or the scenery. */
const MODEL: readonly Key[] = [
  'data',
  'custom',
  'family',
  'path',
  'gamma',
  'head',
  'coupling',
  'conditional',
  'hidden',
  'seed',
];
const SECOND: readonly Key[] = ['data', 'custom', 'conditional', 'seed', 'family2', 'hidden2'];
const SAMPLING: readonly Key[] = [
  'n',
  'solver',
  'steps',
  'epsilon',
  'diffusion',
  'guidance',
  'label',
  'seed',
  'sde',
  'view',
];
const SCENERY: readonly Key[] = [
  'truth',
  'points',
  'field',
  'trails',
  'label',
  'colour',
  'data',
  'custom',
  'seed',
  'conditional',
];

const TITLES: Record<(typeof VIEWS)[number], string> = {
  flow: 'Flow',
  compare: 'Compare',
  quiz: 'Quiz',
  verify: 'Verify my GPU',
};

/** Density of a standard normal at its centre of mass: ∫p² = 1/(4π). */
const NOISE_DENSITY = 1 / (4 * Math.PI);

const has = (changed: ReadonlySet<Key>, keys: readonly Key[]) => keys.some((key) => changed.has(key));

export class App {
  readonly store = new Store();
  readonly stage: Stage;
  readonly lesson: Lesson;
  /** The comparison's other model; null until somebody compares. */
  other: Lesson | null = null;
  machine: Machine | null = null;
  /** Times that the device has been lost. */
  losses = 0;
  private dataset: Dataset;
  private readonly timebar: TimeBar;
  private readonly learning: LearningPanel;
  private readonly remark = h('p', { class: 'remark', role: 'status' });
  private readonly main = h('main', { id: 'main' });
  private readonly nav: HTMLElement;
  private readonly flow: HTMLElement;
  private readonly compare;
  private readonly colours: Colours;
  private opening: Promise<void> | null = null;
  private lostAt: number[] = [];

  constructor(root: HTMLElement) {
    const { store } = this;
    if (wantsCalm() && !location.hash.includes('play=')) store.set({ play: false });
    this.dataset = this.datasetNow();
    this.stage = new Stage(
      (t) => this.timebar.show(t),
      ([x, y], span) =>
        store.set({ x, y, span: x === 0 && y === 0 && span === this.stage.view.home.span ? 0 : span }),
      (error) => this.trouble('error', String(error)),
      (pane) => this.colour(pane),
    );
    this.colours = new Colours(() => this.dataset);
    this.lesson = new Lesson(shippedModel, (event) => this.onLesson(0, event));
    this.timebar = new TimeBar(store, {
      play: (play) => {
        if (play && this.stage.t >= 1) this.stage.t = 0;
        store.set({ play, t: this.stage.t });
      },
      seek: (t) => {
        this.stage.t = t;
        this.timebar.show(t);
        store.set({ play: false, t });
      },
    });
    this.learning = new LearningPanel(this.lesson, {
      toggle: () => (this.lesson.running ? this.lesson.pause() : this.lesson.train(store.state.train)),
      more: () => store.set({ train: Math.max(store.state.train, this.lesson.step) + MORE }),
      reset: () => void this.lesson.reset(this.training, store.state.train),
    });
    const limits = () => this.machine ?? { kind: 'cpu' as const, software: false };
    this.nav = h(
      'nav',
      { 'aria-label': 'Views' },
      ...VIEWS.map((view) =>
        h('button', { type: 'button', id: `view-${view}`, onclick: () => store.set({ view }) }, TITLES[view]),
      ),
    );
    this.compare = comparePanel(store, () => [this.lesson, this.other]);
    const panel = controls(store, {
      draw: () =>
        openBrush(store.state.custom, (custom) => store.set({ data: CUSTOM, custom, conditional: true })),
      open: (file) => void this.openFile(file),
      limits,
      possible: (change) => whyNot({ ...this.choice(), ...change } as ModelChoice, this.dataset) === '',
      canSample: (solver) => canSample(configOf(this.choice(), this.dataset), { solver }),
    });
    this.flow = h(
      'div',
      { class: 'flow' },
      h(
        'div',
        { class: 'left' },
        this.stage.element,
        hints(store, () => openBrush('', (custom) => store.set({ data: CUSTOM, custom }))),
        this.timebar.element,
      ),
      h(
        'aside',
        { 'aria-label': 'Model and choices', tabindex: 0 },
        this.compare.element,
        this.learning.element,
        panel,
        takeAway(this),
        this.remark,
      ),
    );
    root.append(
      h(
        'a',
        { class: 'skip', href: '#main', onclick: (event: Event) => this.skip(event) },
        'Skip to the particles',
      ),
      h(
        'header',
        {},
        h('h1', {}, h('span', {}, 'Tributary'), h('small', {}, 'many models, one river')),
        this.nav,
      ),
      this.main,
    );
    this.listen();
  }

  private skip(event: Event): void {
    event.preventDefault();
    this.stage.element.focus();
  }

  get training(): BackendChoiceName {
    return this.machine?.training ?? 'cpu';
  }

  private datasetNow(): Dataset {
    try {
      return datasetOf(this.store.state);
    } catch {
      // An address that somebody has cut short.
      this.store.set({ data: DEFAULTS.data, custom: '' });
      return datasetOf(this.store.state);
    }
  }

  async start(): Promise<void> {
    const { state } = this.store;
    this.stage.t = state.play ? 0 : state.t;
    this.stage.speed = state.speed;
    this.stage.playing = state.play;
    this.timebar.show(this.stage.t);
    this.showView();
    this.showData();
    await this.openMachine();
  }

  private listen(): void {
    const { store, stage } = this;
    store.on((changed) => {
      if (changed.has('family') && !changed.has('path') && !changed.has('gamma')) {
        // Another family has its own.
        store.set({ path: '', gamma: '', head: '', coupling: '' });
      }
      const { state } = store;
      stage.speed = state.speed;
      stage.playing = state.play;
      if (changed.has('t') && !state.play) stage.t = state.t;
      if (changed.has('span') || changed.has('x') || changed.has('y')) this.look();
      if (changed.has('backend')) void this.openMachine();
      if (changed.has('view')) this.showView();
      if (has(changed, ['data', 'custom', 'seed'])) this.showData();
      if (has(changed, MODEL)) void this.lesson.open(this.choice(), this.training, state.train);
      else if (changed.has('train')) this.lesson.train(state.train);
      if (state.view === 'compare') {
        if (has(changed, SECOND) || changed.has('view')) this.openOther();
        else if (changed.has('train2')) this.other?.train(state.train2);
      }
      if (has(changed, SAMPLING) || has(changed, MODEL) || has(changed, SECOND)) this.showPanes();
      if (has(changed, SCENERY)) this.showScenery();
    });
    onTheme(() => {
      this.showScenery();
    });
    document.addEventListener('keydown', (event) => {
      const target = event.target as HTMLElement;
      if (event.key === ' ' && (target === document.body || target === stage.element)) {
        event.preventDefault();
        this.timebar.toggle();
      }
    });
    document.addEventListener('dragover', (event) => event.preventDefault());
    document.addEventListener('drop', (event) => {
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file) void this.openFile(file);
    });
    new ResizeObserver(() => this.look()).observe(stage.element);
    window.addEventListener('pagehide', () => store.write());
  }

  private async openFile(file: File): Promise<void> {
    try {
      const { customFromFile } = await import('./data/drop.js');
      const custom = await customFromFile(file);
      this.store.set({ data: CUSTOM, custom });
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  }

  choice(): ModelChoice {
    const { data, custom, family, path, gamma, head, coupling, conditional, hidden, seed } = this.store.state;
    return {
      ...{ data, custom: data === CUSTOM ? custom : '', family, path, gamma, head, coupling },
      ...{ conditional, hidden, seed },
    };
  }

  private otherChoice(): ModelChoice {
    const { family2, hidden2 } = this.store.state;
    return {
      ...this.choice(),
      family: family2,
      hidden: hidden2,
      path: '',
      gamma: '',
      head: '',
      coupling: '',
    };
  }

  private openOther(): void {
    this.other ??= new Lesson(shippedModel, (event) => this.onLesson(1, event));
    void this.other.open(this.otherChoice(), this.training, this.store.state.train2);
  }

  /** How particles are to move; `sde` for the other half of ODE beside SDE. */
  sampling(sde: boolean): SampleChoice {
    const { n, solver, steps, epsilon, diffusion, guidance, label, seed } = this.store.state;
    const limits = this.machine ?? { kind: 'cpu' as const, software: false };
    const count = Math.min(n === 0 ? usualCount(limits) : n, countLimit(limits));
    const stochastic = solverByName(solver).stochastic;
    let own = solver;
    if (sde && !stochastic) own = 'euler-maruyama';
    else if (!sde && stochastic && this.store.state.sde) own = 'heun';
    return {
      n: count,
      solver: canSample(configOf(this.choice(), this.dataset), { solver: own }) ? own : 'heun',
      ...{ steps, epsilon, diffusion, guidance },
      label: classesOf(this.store.state) > 1 && this.store.state.conditional ? label : -1,
      // A model's seed also seeds its training: particles have their own.
      seed: seed + 1,
    };
  }

  private sdeKnown(): boolean {
    return hasSde(configOf(this.choice(), this.dataset));
  }

  private async openMachine(): Promise<void> {
    // One after the other, and the last choice counts.
    if (this.opening !== null) await this.opening;
    this.opening = this.reopen();
    await this.opening;
    this.opening = null;
  }

  private async reopen(): Promise<void> {
    for (const pane of this.stage.panes) {
      pane.runner?.destroy();
      pane.runner = null;
    }
    this.stage.setPainter(null);
    this.machine?.destroy();
    const first = this.machine === null;
    this.machine = await openMachine(
      this.store.state.backend as BackendChoiceName,
      () => void this.recover(),
    );
    this.stage.setPainter(this.machine.painter);
    this.remark.textContent = this.machine.remark;
    document.documentElement.dataset.machine = this.machine.kind;
    this.showPanes();
    this.showScenery();
    if (first) {
      await this.lesson.open(this.choice(), this.training, this.store.state.train);
      if (this.store.state.view === 'compare') this.openOther();
    }
  }

  /** A device that was lost comes back by itself; one that is lost again and again is left alone. */
  private async recover(): Promise<void> {
    this.losses++;
    const now = performance.now();
    this.lostAt = [...this.lostAt.filter((time) => now - time < 60_000), now];
    if (this.lostAt.length > 3) {
      say('The graphics card keeps failing: everything runs on the processor now.');
      this.store.set({ backend: 'cpu' });
      return;
    }
    say('The graphics card was lost; starting it again.');
    await this.openMachine();
  }

  private trouble(code: string, message: string): void {
    // Losses are noticed by the device itself.
    if (code === 'device-lost' || code === 'destroyed') return;
    say(message);
  }

  private paneNames(): { title: string; lesson: Lesson | null; sde: boolean }[] {
    const { view, sde, family, family2, hidden, hidden2 } = this.store.state;
    if (view === 'compare') {
      return [
        { title: `A: ${family}, ${hidden} wide`, lesson: this.lesson, sde: false },
        { title: `B: ${family2}, ${hidden2} wide`, lesson: this.other, sde: false },
      ];
    }
    if (sde && this.sdeKnown()) {
      return [
        { title: 'ODE', lesson: this.lesson, sde: false },
        { title: `SDE, ε = ${this.store.state.epsilon.toFixed(2)}`, lesson: this.lesson, sde: true },
      ];
    }
    return [{ title: '', lesson: this.lesson, sde: false }];
  }

  /** Panes, their runners and what these are to do. */
  private showPanes(): void {
    const { machine, stage } = this;
    if (machine === null) return;
    const wanted = this.paneNames();
    const panes: Pane[] = wanted.map(({ title }, i) => {
      const pane = stage.panes[i] ?? newPane(title);
      pane.title = title;
      return pane;
    });
    for (const pane of stage.panes.slice(wanted.length)) pane.runner?.destroy();
    panes.forEach((pane, i) => {
      pane.runner ??= machine.runner((code, message) => this.trouble(code, message));
      const { lesson, sde } = wanted[i];
      pane.runner.setSampling(this.sampling(sde));
      if (lesson?.bytes && lesson.choice) pane.runner.setModel(lesson.choice, lesson.bytes);
    });
    stage.setPanes(panes);
    this.look();
    this.showScenery();
  }

  private onLesson(which: 0 | 1, event: LessonEvent): void {
    const lesson = which === 0 ? this.lesson : this.other;
    if (lesson === null) return;
    if (event === 'model') {
      this.paneNames().forEach((wanted, i) => {
        if (wanted.lesson === lesson && lesson.bytes && lesson.choice)
          this.stage.panes[i]?.runner?.setModel(lesson.choice, lesson.bytes);
      });
    }
    if (event === 'error') say(lesson.problem);
    if (which === 0) this.learning?.update(event !== 'model' && event !== 'kept');
    this.compare?.update();
  }

  private showData(): void {
    this.dataset = this.datasetNow();
    const extent = Math.max(2.2, extentOf(this.dataset.points));
    this.extent = extent;
    this.look();
    this.truth = null;
    this.showScenery();
  }

  private look(): void {
    const { x, y, span } = this.store.state;
    const { view } = this.stage;
    const [{ width, height }] = this.stage.boxes();
    // In a narrow pane the width must hold the data.
    view.home = { center: [0, 0], span: 2.3 * this.extent * Math.max(1, width > 0 ? height / width : 1) };
    view.center = [x, y];
    view.span = span > 0 ? span : view.home.span;
    this.stage.refresh();
  }

  private truth: TruthOverlay | null = null;
  /** The largest coordinate of the data. */
  private extent = 3;

  private showScenery(): void {
    const { state } = this.store;
    const { dataset, stage } = this;
    if (state.truth) this.truth ??= new TruthOverlay(dataset, state.data === CUSTOM ? state.custom : '');
    stage.scenery = {
      truth: state.truth ? this.truth : null,
      points: state.points ? dataset.points : null,
      field: state.field,
      label: state.label,
      trails: state.trails,
      density: [NOISE_DENSITY / this.noiseWidth() ** 2, meanDensity(dataset.points)],
    };
    for (const pane of stage.panes) this.colour(pane);
    stage.refresh();
  }

  /** Standard deviation of the noise that particles start from. */
  private noiseWidth(): number {
    try {
      return tableOf(configOf(this.choice(), this.dataset), this.sampling(false)).startScale;
    } catch {
      return 1;
    }
  }

  private colour(pane: Pane): void {
    const config = configOf(this.choice(), this.dataset);
    this.colours.apply(pane, this.store.state, config, this.sampling(false), theme());
  }

  private showView(): void {
    const { view } = this.store.state;
    for (const button of this.nav.querySelectorAll('button')) {
      if (button.id === `view-${view}`) button.setAttribute('aria-current', 'page');
      else button.removeAttribute('aria-current');
    }
    document.documentElement.dataset.view = view;
    document.title = `${TITLES[view]} · Tributary`;
    if (view === 'flow' || view === 'compare') {
      this.main.replaceChildren(this.flow);
      this.learning.update(true);
      this.compare.update();
    } else {
      const page = h('div', { class: 'page' });
      this.main.replaceChildren(page);
      const load =
        view === 'quiz'
          ? import('./panels/quiz.js').then(({ quiz }) => quiz(page))
          : import('./panels/verify.js').then(({ verifyPage }) => verifyPage(page, this));
      load.catch((error: unknown) => say(String(error)));
    }
  }
}

/** ∫p² of points [n, 2], by a histogram: the density that a point of the data typically has. */
function meanDensity(points: Float64Array): number {
  const cells = 40;
  const extent = extentOf(points) * 1.0001;
  const counts = new Float64Array(cells * cells);
  for (let i = 0; i < points.length; i += 2) {
    const column = Math.floor(((points[i] / extent + 1) / 2) * cells);
    const row = Math.floor(((points[i + 1] / extent + 1) / 2) * cells);
    counts[row * cells + column]++;
  }
  const n = points.length / 2;
  const area = (2 * extent) ** 2 / (cells * cells);
  return counts.reduce((sum, count) => sum + (count * (count - 1)) / (n * (n - 1) * area), 0);
}
