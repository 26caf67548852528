/** What lies around the particles: the window that shows all of the data, the truth, the brightness. */
import type { Dataset } from 'tributary-engine';
import { type ModelChoice, shownConfig } from '../lab/recipe.js';
import { followsPath } from '../own_settings.js';
import { Notes } from '../scene/notes.js';
import { extentOf, TruthOverlay } from '../scene/overlays.js';
import type { Scenery } from '../scene/pane.js';
import { showsParticles } from '../scene/presence.js';
import { Spread } from '../scene/spread.js';
import type { Stage } from '../scene/stage.js';
import { CUSTOM, type State } from '../state.js';

/** Half of what the window shows at least, in the units of the data. */
const SMALLEST = 2.2;
/** How much wider than the data the window is. */
const ROOM = 2.3;
/** Pixels at the top that a pane's title takes, and how much wider the window may become for them. */
const TITLE = 28;
const WIDEST = 1.35;
/** The standard deviation that identical points are drawn with: a network's particles are no narrower. */
const DOT = 0.1;
/** Share of the particles' width that the data's window shows at least where nobody needs to be told. */
const SEEN = 0.4;
/** Milliseconds that the window may be empty: particles on their way may come. */
const PATIENCE = 600;

export class Surroundings {
  private truth: TruthOverlay | null = null;
  /** The largest coordinate of the data. */
  private extent = SMALLEST;
  /** ∫p² of the data. */
  private density = 0.1;

  /** When the window has shown particles last. */
  private seen = 0;

  readonly notes: Notes;

  constructor(
    private readonly stage: Stage,
    private readonly state: () => State,
    toggle: () => void,
  ) {
    this.notes = new Notes(toggle, () => {
      stage.view.reset();
      // The button goes.
      stage.element.focus();
    });
  }

  /** After each frame: the window, the ramp and what is written follow the time that is seen. */
  follow(t: number): void {
    const { stage, notes } = this;
    const { view, panes } = stage;
    // The widest pane's: all have one window.
    let widest = 0;
    for (const { spread } of panes) widest = Math.max(widest, spread?.widthAt(t) ?? 0);
    if (widest === 0) return;
    const width = ROOM * widest;
    const { fit } = this.state();
    const far = width * SEEN > Math.max(view.home.span, view.span);
    const now = performance.now();
    if (this.showsAny(t)) this.seen = now;
    const empty = now - this.seen > PATIENCE;
    notes.show(panes, fit ? 'stop' : far ? 'follow' : empty ? 'all' : 'nothing');
    const span = Math.max(width, view.home.span);
    const [x, y] = view.center;
    if (!fit || (view.span === span && x === 0 && y === 0)) return;
    view.span = span;
    view.center.fill(0);
    stage.refresh();
  }

  private showsAny(t: number): boolean {
    const { panes, view } = this.stage;
    const boxes = this.stage.boxes();
    for (let i = 0; i < panes.length; i++) if (showsParticles(panes[i], t, view, boxes[i])) return true;
    return false;
  }

  /** Other data: another window, another truth. */
  setData(dataset: Dataset): void {
    this.extent = Math.max(SMALLEST, extentOf(dataset.points));
    this.density = meanDensity(dataset.points);
    this.truth = null;
  }

  /** Shows the part of the plane that the state asks for. */
  look({ x, y, span, fit }: State): void {
    const { stage } = this;
    const { view } = stage;
    const [{ width, height }] = stage.boxes();
    // In a narrow pane the width must hold the data.
    const narrow = Math.max(1, width > 0 ? height / width : 1);
    const free = Math.max(0.1, 1 - (2 * TITLE) / Math.max(1, height));
    const titled = stage.panes.length > 1 ? Math.min(WIDEST, 2 / (ROOM * free)) : 1;
    view.home = { center: [0, 0], span: ROOM * this.extent * Math.max(1, titled, narrow) };
    if (!fit) {
      view.center = [x, y];
      view.span = span > 0 ? span : view.home.span;
    }
    stage.refresh();
  }

  /** @param models each pane's */
  show(state: State, dataset: Dataset, models: readonly ModelChoice[]): void {
    const { data, custom, field, label, trails } = state;
    if (state.truth) this.truth ??= new TruthOverlay(dataset, data === CUSTOM ? custom : '');
    const scenery: Scenery = {
      truth: state.truth ? this.truth : null,
      points: state.points ? dataset.points : null,
      // What jumps has no velocity.
      ...{
        field: models.some(({ family }) => followsPath(family)) ? field : ('none' as const),
        label,
        trails,
      },
    };
    models.forEach((model, i) => {
      const pane = this.stage.panes[i];
      if (pane)
        pane.spread = new Spread(shownConfig(model, dataset), dataset.points, this.extent, this.density);
    });
    this.stage.scenery = scenery;
    this.stage.refresh();
  }
}

/**
 * ∫p² of points [n, 2]: the density that a point of the data typically has. By a histogram; where hardly two of few
 * points share a cell, at least a Gaussian's of their variance, and at most that of a dot.
 */
function meanDensity(points: Float64Array): number {
  const cells = 40;
  const extent = extentOf(points) * 1.0001;
  const counts = new Float64Array(cells * cells);
  const n = points.length / 2;
  const moments = [0, 0, 0];
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i], points[i + 1]];
    const column = Math.floor(((x / extent + 1) / 2) * cells);
    const row = Math.floor(((y / extent + 1) / 2) * cells);
    counts[row * cells + column]++;
    moments[0] += x / n;
    moments[1] += y / n;
    moments[2] += (x * x + y * y) / n;
  }
  const area = (2 * extent) ** 2 / (cells * cells);
  const pairs = Math.max(1, n * (n - 1));
  const density = counts.reduce((sum, count) => sum + (count * (count - 1)) / (pairs * area), 0);
  const gaussian = (variance: number) => 1 / (4 * Math.PI * Math.max(DOT ** 2, variance));
  const variance = (moments[2] - moments[0] ** 2 - moments[1] ** 2) / 2;
  return Math.min(gaussian(0), Math.max(gaussian(variance), density));
}
