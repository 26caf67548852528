/** The stage: panes of particles, what lies over them, and the clock that moves them. */
import { PanZoom } from 'tributary/three';
import { h } from '../dom.js';
import type { Runner } from '../lab/runner.js';
import { type Theme, theme } from '../theme.js';
import { REST, timeOfLoop } from './loop.js';
import { drawPoints, FieldOverlay, type Frame, type TruthOverlay } from './overlays.js';
import type { Box, OwnPaneView, Paint, Painter, Rgb } from './painter.js';

/** Share of a frame's sum that trails leave for the next. */
const TRAIL = 0.86;

export interface Pane {
  title: string;
  runner: Runner | null;
  readonly field: FieldOverlay;
  /** The runner's version that `field` belongs to. */
  fieldVersion: number;
  /** The runner's version that the colours belong to. */
  paintVersion: number;
  paint: Paint;
  palette: readonly Rgb[];
}

export interface Scenery {
  truth: TruthOverlay | null;
  points: Float64Array | null;
  field: 'none' | 'arrows' | 'streamlines';
  label: number;
  trails: boolean;
  /** Density that shows at 63 %: at the start, and at the end. */
  density: readonly [number, number];
}

export const newPane = (title: string): Pane => ({
  title,
  runner: null,
  field: new FieldOverlay(),
  fieldVersion: -1,
  paintVersion: -1,
  paint: { by: 'one' },
  palette: theme().one,
});

export class Stage {
  readonly element = h('div', {
    class: 'stage',
    tabindex: 0,
    role: 'application',
    'aria-label':
      'Particles from noise to data. Arrow keys move the view, plus and minus zoom, 0 shows everything, space plays.',
  });
  readonly overlay = h('canvas', { class: 'overlay', 'aria-hidden': 'true' });
  readonly view: PanZoom;
  panes: Pane[] = [];
  scenery: Scenery = {
    truth: null,
    points: null,
    field: 'none',
    label: -1,
    trails: false,
    density: [0.1, 0.2],
  };
  t = 1;
  speed = 1;
  playing = false;
  /** Frames painted so far. */
  frames = 0;
  private painter: Painter | null = null;
  /** One a pane, written over frame by frame. */
  private views: OwnPaneView[] = [];
  private lain: { width: number; height: number; boxes: Box[] } = { width: 0, height: 0, boxes: [] };
  private readonly titles = h('div', { class: 'titles' });
  private rest = 0;
  private before = 0;
  /** What the overlay was drawn from. */
  private readonly seen = {
    revision: -1,
    width: 0,
    height: 0,
    ratio: 0,
    colours: theme(),
    tick: 0,
    versions: 0,
  };
  private stopped = false;

  /**
   * @param onTime called when time has moved by itself
   * @param onView called when the visitor has moved the view
   * @param onTrajectory called when a pane shows another trajectory
   */
  constructor(
    private readonly onTime: (t: number, ended: boolean) => void,
    onView: (center: readonly [number, number], span: number) => void,
    private readonly onTrouble: (error: unknown) => void,
    private readonly onTrajectory: (pane: Pane) => void,
  ) {
    this.element.append(this.overlay, this.titles);
    this.view = new PanZoom(this.element, { center: [0, 0], span: 4 }, ({ center, span }) =>
      onView(center, span),
    );
    requestAnimationFrame(this.frame);
  }

  setPainter(painter: Painter | null): void {
    this.painter?.destroy();
    this.painter = painter;
    if (painter !== null) {
      painter.canvas.className = 'particles';
      painter.canvas.setAttribute('role', 'img');
      painter.canvas.setAttribute('aria-label', 'Density of the particles');
      this.element.prepend(painter.canvas);
    }
  }

  get canvas(): HTMLCanvasElement | null {
    return this.painter?.canvas ?? null;
  }

  get paints(): Painter | null {
    return this.painter;
  }

  setPanes(panes: Pane[]): void {
    this.panes = panes;
    this.views = panes.map(({ paint, palette }) => ({
      ...{ box: { x: 0, y: 0, width: 1, height: 1 }, sight: null, center: this.view.center, span: 1 },
      ...{ paint, palette, brightness: 1, trail: 0 },
    }));
    this.titles.replaceChildren(
      ...(panes.length > 1 ? panes.map(({ title }) => h('span', {}, h('b', {}, title))) : []),
    );
    this.refresh();
  }

  /** Where each pane lies: beside each other, or one above the other where the stage is high. */
  boxes(): Box[] {
    const { clientWidth: width, clientHeight: height } = this.element;
    const n = Math.max(1, this.panes.length);
    const { lain } = this;
    if (lain.width === width && lain.height === height && lain.boxes.length === n) return lain.boxes;
    // Four make a square.
    const across = n === 4 ? 2 : width >= height ? n : 1;
    const down = Math.ceil(n / across);
    const size = { width: width / across, height: height / down };
    const boxes = Array.from({ length: n }, (_, i) => ({
      x: (i % across) * size.width,
      y: Math.floor(i / across) * size.height,
      ...size,
    }));
    this.lain = { width, height, boxes };
    return boxes;
  }

  /** One picture as it is now, with what lies over it, on a background. */
  picture(): HTMLCanvasElement {
    this.paint();
    const { overlay } = this;
    const copy = h('canvas', { width: overlay.width, height: overlay.height });
    const context = copy.getContext('2d') as CanvasRenderingContext2D;
    context.fillStyle = getComputedStyle(this.element).backgroundColor;
    context.fillRect(0, 0, copy.width, copy.height);
    if (this.painter) context.drawImage(this.painter.canvas, 0, 0, copy.width, copy.height);
    context.drawImage(overlay, 0, 0);
    return copy;
  }

  /** A frame makes as little garbage as it can: what it needs is kept and written over. */
  private readonly frame = (now: number): void => {
    if (this.stopped) return;
    requestAnimationFrame(this.frame);
    const seconds = Math.min(0.1, (now - this.before) / 1000);
    this.before = now;
    try {
      if (this.playing) this.move(seconds);
      for (const pane of this.panes) {
        const { runner } = pane;
        if (runner === null) continue;
        runner.pump(this.t);
        if (runner.version !== pane.paintVersion) {
          pane.paintVersion = runner.version;
          this.onTrajectory(pane);
        }
      }
      if (!document.hidden) this.paint();
    } catch (error) {
      this.onTrouble(error);
    }
  };

  private move(seconds: number): void {
    let reach = 1;
    for (const { runner } of this.panes) reach = Math.min(reach, runner?.reach ?? 0);
    if (this.t >= 1) {
      this.rest += seconds;
      if (this.rest < REST) return;
      this.rest = 0;
      this.t = 0;
    } else {
      // Time waits for the particles.
      this.t = Math.min(1, reach, this.t + timeOfLoop(seconds, this.speed));
    }
    this.onTime(this.t, this.t >= 1);
  }

  /** Paints the stage as it is now, outside the usual frames. */
  repaint(): void {
    this.paint();
  }

  private paint(): void {
    const { painter } = this;
    if (painter === null) return;
    const { clientWidth: width, clientHeight: height } = this.element;
    if (width === 0 || height === 0) return;
    painter.resize(width, height);
    const colours = theme();
    const boxes = this.boxes();
    const [start, end] = this.scenery.density;
    // From the noise's to the data's by ratios.
    const density = start * (end / start) ** this.t;
    for (let i = 0; i < this.panes.length; i++) {
      const pane = this.panes[i];
      const view = this.views[i];
      view.box = boxes[i];
      view.sight = pane.runner?.sight(this.t) ?? null;
      view.center = this.view.center;
      view.span = this.view.span;
      view.paint = pane.paint;
      view.palette = pane.palette;
      view.brightness = 1 / density;
      view.trail = this.scenery.trails ? TRAIL : 0;
    }
    if (painter.paint(this.views)) this.frames++;
    this.drawOverlay(boxes, colours);
  }

  /** Draws again only when something has changed. */
  private drawOverlay(boxes: Box[], colours: Theme): void {
    const { overlay, scenery, view } = this;
    const ratio = Math.min(2, devicePixelRatio);
    const { clientWidth: width, clientHeight: height } = this.element;
    // Another scenery, view or number of panes raises the revision; most frames stop here, and make no garbage.
    const tick = scenery.field === 'none' ? 0 : Math.round(this.t * 20);
    const versions = scenery.field === 'none' ? 0 : this.versions();
    const { seen, revision } = this;
    const sized = seen.width === width && seen.height === height && seen.ratio === ratio;
    const alike = seen.revision === revision && seen.colours === colours;
    if (sized && alike && seen.tick === tick && seen.versions === versions) return;
    Object.assign(seen, { revision, width, height, ratio, colours, tick, versions });
    overlay.width = Math.round(width * ratio);
    overlay.height = Math.round(height * ratio);
    const context = overlay.getContext('2d') as CanvasRenderingContext2D;
    context.scale(ratio, ratio);
    boxes.forEach((box, i) => {
      const pane = this.panes[i];
      if (pane === undefined) return;
      const frame: Frame = { box, center: view.center, span: view.span };
      context.save();
      context.beginPath();
      context.rect(box.x, box.y, box.width, box.height);
      context.clip();
      scenery.truth?.draw(context, frame, colours.ink);
      if (scenery.points) drawPoints(context, frame, scenery.points, colours.ink);
      if (scenery.field !== 'none' && pane.runner !== null) {
        if (pane.fieldVersion !== pane.runner.version) {
          pane.field.clear();
          pane.fieldVersion = pane.runner.version;
        }
        const streams = scenery.field === 'streamlines';
        const from = { runner: pane.runner, t: this.t, label: scenery.label, streams };
        pane.field.draw(context, frame, colours.ink, from, () => this.refresh());
      }
      if (i > 0) {
        context.fillStyle = colours.ink.field;
        if (box.x > 0) context.fillRect(box.x, box.y + 12, 1, box.height - 24);
        if (box.y > 0) context.fillRect(box.x + 12, box.y, box.width - 24, 1);
      }
      context.restore();
      const title = this.titles.children[i] as HTMLElement | undefined;
      if (title)
        Object.assign(title.style, { left: `${box.x}px`, top: `${box.y + 6}px`, width: `${box.width}px` });
    });
  }

  private revision = 0;

  /** A number that changes with the trajectories shown. */
  private versions(): number {
    let sum = 0;
    for (let i = 0; i < this.panes.length; i++) sum += (i + 1) * 1e6 + (this.panes[i].runner?.version ?? 0);
    return sum;
  }

  /** Has the overlay drawn again. */
  refresh(): void {
    this.revision++;
  }

  destroy(): void {
    this.stopped = true;
    this.view.destroy();
    this.setPainter(null);
  }
}
