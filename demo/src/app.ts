/**
 * The page, tied together. Everything flows one way: a control changes the state; the state says what is trained,
 * how particles move and what is shown; models, machine and stage follow it.
 */
import type { Dataset } from 'tributary-engine';
import { DATA, LOOK, MODEL, RIVALS, SAMPLING, SCENERY, touches } from './changes.js';
import { countLimit, modelChoice, NO_MACHINE, rivalChoices, sampleChoice } from './choices.js';
import { Colours } from './colours.js';
import { h, say } from './dom.js';
import { wordsOf } from './lab/fetched.js';
import type { Lesson, LessonEvent } from './lab/lesson.js';
import { Lessons } from './lab/lessons.js';
import type { BackendChoiceName } from './lab/names.js';
import { datasetOf, type ModelChoice, type SampleChoice, shownConfig } from './lab/recipe.js';
import type { Machine } from './machine.js';
import { Page } from './page.js';
import { flowView } from './panels/flow.js';
import { listen } from './room/input.js';
import { Keeper } from './room/keeper.js';
import { close, type PanePlan, planPanes, showModel, showPanes } from './room/panes.js';
import { Surroundings } from './room/scenery.js';
import type { Pane } from './scene/pane.js';
import { Stage } from './scene/stage.js';
import { CUSTOM, DEFAULTS, type Key } from './state.js';
import { Store } from './store.js';
import { onCalm, onTheme, theme, wantsCalm } from './theme.js';

export class App {
  readonly store = new Store(say);
  readonly stage: Stage;
  readonly lessons: Lessons;
  readonly remark = h('p', { class: 'remark', role: 'status' });
  private dataset: Dataset;
  private saidUnkept = false;
  private readonly keeper: Keeper;
  readonly surroundings: Surroundings;
  private readonly colours = new Colours(() => this.dataset);
  private readonly view;
  private readonly page: Page;

  constructor(root: HTMLElement) {
    const { store } = this;
    if (wantsCalm() && !location.hash.includes('play=')) store.set({ play: false });
    this.dataset = this.datasetNow();
    this.stage = new Stage(
      (t, shown) => {
        // First, for it asks how large the stage is: what is written before would have to be laid out.
        this.surroundings.follow(shown);
        this.view.timebar.show(t, shown, this.stage.jumps);
      },
      ([x, y], span) => {
        const isHome = x === 0 && y === 0 && span === this.stage.view.home.span;
        store.set({ x, y, span: isHome ? 0 : span, fit: false });
      },
      (error) => this.trouble('error', String(error)),
      (pane) => this.colour(pane),
    );
    this.surroundings = new Surroundings(
      this.stage,
      () => store.state,
      () => store.set({ fit: !store.state.fit }),
    );
    this.surroundings.setData(this.dataset);
    this.lessons = new Lessons((lesson, event) => this.onLesson(lesson, event));
    this.keeper = new Keeper(
      () => store.state.backend as BackendChoiceName,
      () => this.onMachineEnds(),
      (machine) => this.onMachine(machine),
    );
    this.view = flowView(this);
    this.page = new Page(
      root,
      store,
      this.view.element,
      {
        quiz: async (element) => (await import('./panels/quiz.js')).quiz(element),
        verify: async (element) => (await import('./panels/verify.js')).verifyPage(element, this),
      },
      () => this.stage.element.focus(),
      () => this.view.help(),
    );
    store.on((changed) => this.follow(changed));
    onTheme(() => this.showScenery());
    onCalm(() => store.set({ play: false }));
    listen(this);
    new ResizeObserver(() => this.look()).observe(this.stage.element);
  }

  get machine(): Machine | null {
    return this.keeper.machine;
  }

  /** Times that the device has been lost. */
  get losses(): number {
    return this.keeper.losses;
  }

  /** Model A. */
  get lesson(): Lesson {
    return this.lessons.first;
  }

  /** Model B; null until somebody compares. */
  get other(): Lesson | null {
    return this.lessons.others[0] ?? null;
  }

  /** Where models train. */
  get training(): BackendChoiceName {
    return this.keeper.training;
  }

  get data(): Dataset {
    return this.dataset;
  }

  async start(): Promise<void> {
    const { state } = this.store;
    const { stage } = this;
    stage.t = state.play ? 0 : state.t;
    stage.speed = state.speed;
    stage.playing = state.play;
    this.view.timebar.show(stage.t, stage.shown, stage.jumps);
    this.showView();
    this.look();
    await this.keeper.open().catch((error) => this.trouble('error', wordsOf(error)));
    await this.lesson.open(this.choice(), this.training, this.store.state.train);
    if (this.store.state.view !== 'compare') return;
    this.compare();
    this.showPanes();
  }

  choice(): ModelChoice {
    return modelChoice(this.store.state);
  }

  /** How model A's particles are to move; `sde` for the other half of ODE beside SDE. */
  sampling(sde: boolean): SampleChoice {
    return sampleChoice(this.store.state, this.machine ?? NO_MACHINE, this.choice(), this.dataset, sde);
  }

  private datasetNow(): Dataset {
    try {
      return datasetOf(this.store.state);
    } catch {
      // An address that somebody has cut short.
      say('The address holds data of your own that are cut short or broken: these are the usual ones.');
      this.store.set({ data: DEFAULTS.data, custom: '' });
      return datasetOf(this.store.state);
    }
  }

  /** Everything that follows from a change of the state. */
  private follow(changed: ReadonlySet<Key>): void {
    const { store, stage, lesson } = this;
    const { state } = store;
    stage.speed = state.speed;
    stage.playing = state.play;
    if ((changed.has('t') || changed.has('play')) && !state.play) {
      stage.t = state.t;
      this.view.timebar.show(state.t, stage.shown, stage.jumps);
    }
    if (changed.has('backend')) void this.keeper.open();
    if (changed.has('n')) this.showRemark();
    if (changed.has('view')) this.showView();
    if (touches(changed, DATA)) {
      this.dataset = this.datasetNow();
      this.surroundings.setData(this.dataset);
    }
    if (touches(changed, LOOK, DATA)) this.look();
    if (touches(changed, MODEL)) void lesson.open(this.choice(), this.training, state.train);
    else if (changed.has('train')) lesson.train(state.train);
    if (changed.has('view') && state.view !== 'compare') this.lessons.rest();
    if (state.view === 'compare') {
      if (touches(changed, RIVALS) || changed.has('view')) this.compare();
      else if (changed.has('train2')) for (const other of this.lessons.others) other.train(state.train2);
    }
    if (touches(changed, SAMPLING, MODEL, RIVALS)) this.showPanes();
    if (touches(changed, SCENERY)) this.showScenery();
  }

  private compare(): void {
    this.lessons.compare(rivalChoices(this.store.state), this.training, this.store.state.train2);
    this.lessons.resume();
  }

  private onMachineEnds(): void {
    for (const pane of this.stage.panes) close(pane);
    this.stage.setPainter(null);
  }

  private onMachine(machine: Machine): void {
    this.stage.setPainter(machine.painter);
    this.showRemark();
    // What can be asked for depends on it.
    this.store.touch();
    this.showPanes();
    this.showScenery();
  }

  /** What the machine has to say, and what of the address it cannot do. */
  private showRemark(): void {
    const { machine } = this;
    if (machine === null) return;
    const { n } = this.store.state;
    const most = countLimit(machine);
    const count = (value: number) => value.toLocaleString('en');
    const fewer = `${count(n)} particles are asked for; this device shows ${count(most)}. A link keeps what was asked.`;
    this.remark.textContent = [machine.remark, ...(n > most ? [fewer] : [])].join(' ').trim();
  }

  private readonly trouble = (code: string, message: string): void => {
    // Losses are noticed by the device itself.
    if (code === 'device-lost' || code === 'destroyed') return;
    say(wordsOf(message));
  };

  private plan(): PanePlan[] {
    const { state } = this.store;
    const models = [this.choice(), ...(state.view === 'compare' ? rivalChoices(state) : [])];
    return planPanes(state, this.lessons, models, this.dataset);
  }

  private showPanes(): void {
    const { machine, stage } = this;
    if (machine === null) return;
    showPanes(stage, machine, this.plan(), this.store.state, this.dataset, this.trouble);
    this.look();
    this.showScenery();
  }

  private onLesson(lesson: Lesson, event: LessonEvent): void {
    if (event === 'model' || event === 'error') {
      const { state } = this.store;
      this.plan().forEach((plan, i) => {
        const pane = this.stage.panes.at(i);
        if (plan.lesson !== lesson || this.machine === null || pane === undefined) return;
        showModel(pane, plan, this.machine, state, this.dataset, this.trouble);
      });
    }
    if (event === 'error') {
      say(lesson.problem);
      this.stage.refresh();
    }
    if (event === 'unusable')
      say('What this browser had kept of this model is broken or of another version: it begins again.');
    if (event === 'unkept' && !this.saidUnkept) {
      this.saidUnkept = true;
      say('This browser keeps no models, or its storage is full: a reload begins again.');
    }
    this.view.update(lesson, event !== 'model' && event !== 'kept' && event !== 'unkept');
  }

  private look(): void {
    this.surroundings.look(this.store.state);
  }

  private showScenery(): void {
    const { state } = this.store;
    const models = this.plan().map(({ model }) => model);
    this.surroundings.show(state, this.dataset, models);
    for (const pane of this.stage.panes) this.colour(pane);
  }

  private colour(pane: Pane): void {
    const config = shownConfig(this.choice(), this.dataset);
    this.colours.apply(pane, this.store.state, config, this.sampling(false), theme());
  }

  private showView(): void {
    this.page.show(this.store.state.view);
    this.view.update(null, true);
  }
}

/** Whether data of one's own are shown, as text for the address. */
export const customOf = ({ store: { state } }: App): string => (state.data === CUSTOM ? state.custom : '');
