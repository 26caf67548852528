import { OrthographicCamera, Scene, type WebGPURenderer } from 'three/webgpu';
import type { Engine } from 'tributary-engine';
import { DensityView, engineRenderer } from 'tributary-engine/three';
import { distanceAt, fitting, GAMMA, type Paint, type Painter, type PaneView, type Rgb } from './painter.js';

/** A software adapter moves 20 000 pixels in the time of 1000 discs. */
const SOFTWARE_DISCS = 5000;

interface Pane {
  readonly view: DensityView;
  readonly tone: { brightness: number; trail: number; gamma: number };
  /** What the colours were set from. */
  paint: Paint | null;
  palette: readonly Rgb[] | null;
  dt: number;
  noise: number;
}

/** Particles on the engine's own device, drawn where they lie. */
export class ThreePainter implements Painter {
  readonly kind = 'webgpu';
  private readonly scene = new Scene();
  private readonly camera = new OrthographicCamera(-1, 1, 1, -1, -1, 1);
  private panes: Pane[] = [];
  private width = 1;
  private height = 1;
  private readonly ratio: number;
  /** Milliseconds that the page spends on a frame, smoothed. */
  frameMs = 0;

  private constructor(
    private readonly engine: Engine & { readonly software?: boolean },
    private readonly renderer: WebGPURenderer,
    readonly canvas: HTMLCanvasElement,
  ) {
    // A software adapter pays for every pixel.
    this.ratio = engine.software ? 1 : Math.min(2, devicePixelRatio);
    renderer.setPixelRatio(1);
    renderer.lighting.enabled = false;
    this.camera.matrixWorldAutoUpdate = false;
  }

  static async create(engine: Engine): Promise<ThreePainter> {
    const canvas = document.createElement('canvas');
    const renderer = await engineRenderer(engine, { canvas });
    return new ThreePainter(engine, renderer, canvas);
  }

  resize(width: number, height: number): void {
    if (this.width === width && this.height === height) return;
    this.width = width;
    this.height = height;
    const [w, h] = [Math.round(width * this.ratio), Math.round(height * this.ratio)];
    this.renderer.setSize(Math.max(1, w), Math.max(1, h), false);
  }

  paint(panes: readonly PaneView[]): boolean {
    const start = performance.now();
    this.makePanes(panes.length);
    for (let i = 0; i < this.panes.length; i++) {
      const own = this.panes[i];
      own.view.mesh.visible = i < panes.length && panes[i].sight !== null;
      if (i < panes.length) this.paintPane(own, panes[i]);
    }
    this.renderer.render(this.scene, this.camera);
    this.frameMs += 0.1 * (performance.now() - start - this.frameMs);
    return true;
  }

  private makePanes(count: number): void {
    while (this.panes.length < count) {
      const view = new DensityView(this.renderer, this.engine, {
        ...{ width: 8, height: 8 },
        ...(this.engine.software ? { mostDiscs: SOFTWARE_DISCS } : {}),
      });
      this.scene.add(view.mesh);
      const tone = { brightness: 1, trail: 0, gamma: GAMMA };
      this.panes.push({ view, tone, paint: null, palette: null, dt: 0, noise: 0 });
    }
  }

  private paintPane(own: Pane, pane: PaneView): void {
    const { sight, box, palette } = pane;
    if (sight === null) return;
    const { view, tone } = own;
    const { width, height } = this;
    view.setSize(
      Math.max(1, Math.round(box.width * this.ratio)),
      Math.max(1, Math.round(box.height * this.ratio)),
    );
    view.mesh.position.set((2 * box.x + box.width) / width - 1, 1 - (2 * box.y + box.height) / height, 0);
    view.mesh.scale.set(box.width / width, box.height / height, 1);
    const recounted = view.count !== sight.count;
    view.show(sight.count, sight.from, sight.to, sight.fraction);
    view.look(pane.center, pane.span);
    tone.brightness = pane.brightness;
    tone.trail = pane.trail;
    view.tone(tone);
    const paint = fitting(pane.paint, sight);
    const { dt, noise } = sight;
    const moved = paint.by === 'speed' && (own.dt !== dt || own.noise !== noise);
    if (recounted || moved || own.paint !== paint || own.palette !== palette) {
      Object.assign(own, { paint, palette, dt, noise });
      const inSteps =
        paint.by === 'speed' ? { ...paint, low: paint.low * dt, high: distanceAt(paint.high, sight) } : paint;
      view.colour(inSteps, palette);
    }
    view.accumulate();
  }

  destroy(): void {
    for (const { view } of this.panes) view.dispose();
    this.panes = [];
    this.renderer.dispose();
    this.canvas.remove();
  }
}
