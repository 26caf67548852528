/** The stage: panes of particles, what lies over them, and the clock that moves them. */
import { PanZoom } from 'tributary-engine/three';
import { h } from '../dom.js';
import { Layer } from './layer.js';
import { REST, timeOfLoop } from './loop.js';
import type { Box, OwnPaneView, Painter } from './painter.js';
import type { Pane, Scenery } from './pane.js';

/** Share of the sum that trails leave after a sixtieth of a second. */
const TRAIL = 0.86;
/** Frames of the same particles until the first is on the screen for certain, whatever the adapter computes meanwhile. */
const PRESENTED = 3;
/** Seconds that a visitor waits before the page says that it computes. */
const PATIENCE = 0.3;

export class Stage {
  readonly element = h('div', {
    class: 'stage',
    tabindex: 0,
    role: 'application',
    'aria-label':
      'Particles from noise to data. Arrow keys move the view, plus and minus zoom, 0 shows everything, space plays.',
  });
  private readonly layer = new Layer();
  readonly view: PanZoom;
  panes: Pane[] = [];
  scenery: Scenery = {
    truth: null,
    points: null,
    field: 'none',
    label: -1,
    trails: false,
  };
  t = 1;
  speed = 1;
  playing = false;
  /** The time of what is seen: `t` or, where particles are not known that far, less. */
  shown = 0;
  /** Frames painted so far. */
  frames = 0;
  private painter: Painter | null = null;
  /** One a pane, written over frame by frame. */
  private views: OwnPaneView[] = [];
  private lain: { width: number; height: number; boxes: Box[] } = { width: 0, height: 0, boxes: [] };
  /** Frames painted since other particles came. */
  private alike = 0;
  private rest = 0;
  private before = 0;
  /** Seconds between frames, smoothed. */
  private pace = 1 / 60;
  private waited = 0;
  private busy = false;
  private stopped = false;

  /**
   * @param onTime called after each frame with the time wanted and the one seen
   * @param onView called when the visitor has moved the view
   * @param onTrajectory called when a pane shows another trajectory
   */
  constructor(
    private readonly onTime: (t: number, shown: number) => void,
    onView: (center: readonly [number, number], span: number) => void,
    private readonly onTrouble: (error: unknown) => void,
    private readonly onTrajectory: (pane: Pane) => void,
  ) {
    this.element.append(this.layer.canvas, this.layer.titles);
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

  /** The canvas over the particles. */
  get overlay(): HTMLCanvasElement {
    return this.layer.canvas;
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
    this.layer.setTitles(panes);
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
    try {
      // What is seen stays until the device can show something else at once.
      if (!this.isLate()) {
        this.before = now;
        this.pace += 0.1 * (seconds - this.pace);
        if (this.playing) this.move(seconds);
        this.alike++;
        for (const pane of this.panes) {
          const { runner } = pane;
          if (runner === null || runner.version === pane.paintVersion) continue;
          pane.paintVersion = runner.version;
          this.alike = 1;
          this.onTrajectory(pane);
        }
        if (!document.hidden) this.paint();
        this.onTime(this.t, this.shown);
      }
      this.wait(now);
      // After the frame: what it begins to compute would hold the frame up.
      for (const { runner } of this.panes) runner?.pump(this.t);
    } catch (error) {
      this.onTrouble(error);
    }
  };

  private isLate(): boolean {
    for (const { runner } of this.panes) if (runner?.late === true) return true;
    return false;
  }

  /** Says so when what is seen has not been what is wanted for a while. */
  private wait(now: number): void {
    let pending = !this.playing && Math.abs(this.t - this.shown) > 0.005;
    for (const { runner, empty, paintVersion } of this.panes) {
      if (empty || runner?.failed === true) continue;
      pending ||= runner === null || runner.pending || runner.reach < Math.min(1, this.t + 0.005);
      // A late adapter keeps what is known from being painted, and what is painted from the screen.
      pending ||= runner?.version !== paintVersion || this.alike < PRESENTED;
    }
    if (!pending) this.waited = now;
    const busy = now - this.waited > 1000 * PATIENCE;
    if (busy === this.busy) return;
    this.busy = busy;
    this.element.setAttribute('aria-busy', String(busy));
  }

  /** In how many steps the particles jump; 0 where some follow a path, and time is theirs. */
  get jumps(): number {
    let jumps = 0;
    for (const { runner } of this.panes) {
      if (runner === null || runner.jumps === 0) return 0;
      jumps = Math.max(jumps, runner.jumps);
    }
    return jumps;
  }

  /** The time up to which all particles are known. */
  private get reach(): number {
    let reach = 1;
    for (const { runner, empty } of this.panes)
      if (!empty && runner?.failed !== true) reach = Math.min(reach, runner?.reach ?? 0);
    return reach;
  }

  private move(seconds: number): void {
    if (this.t >= 1) {
      this.rest += seconds;
      if (this.rest < REST) return;
      this.rest = 0;
      this.t = 0;
    } else {
      // Time waits for the particles.
      this.t = Math.min(1, this.reach, this.t + timeOfLoop(seconds, this.speed));
    }
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
    this.shown = Math.min(this.t, this.reach);
    const boxes = this.boxes();
    const trail = this.scenery.trails ? TRAIL ** (60 * this.pace) : 0;
    for (let i = 0; i < this.panes.length; i++) {
      const pane = this.panes[i];
      const view = this.views[i];
      const { spread } = pane;
      view.box = boxes[i];
      view.sight = pane.runner?.sight(this.t) ?? null;
      view.center = this.view.center;
      view.span = this.view.span;
      if (pane.paint.by === 'speed' && spread !== null) {
        const high = spread.fastestAt(this.shown);
        if (high !== pane.paint.high) pane.paint = { by: 'speed', low: 0, high };
      }
      view.paint = pane.paint;
      view.palette = pane.palette;
      view.brightness = 1 / (spread?.densityAt(this.t) ?? 1);
      view.trail = trail;
    }
    if (painter.paint(this.views)) this.frames++;
    this.layer.draw(this.element, boxes, this.panes, this.scenery, this.view, this.t);
  }

  /** Has the overlay drawn again. */
  refresh(): void {
    this.layer.refresh();
  }

  destroy(): void {
    this.stopped = true;
    this.view.destroy();
    this.setPainter(null);
  }
}
