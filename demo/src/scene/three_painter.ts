import { OrthographicCamera, Scene, type WebGPURenderer } from 'three/webgpu';
import type { Engine } from 'tributary';
import { DensityView, engineRenderer } from 'tributary/three';
import { GAMMA, type Painter, type PaneView } from './painter.js';

/** A software adapter moves 20 000 pixels in the time of 1000 discs. */
const SOFTWARE_DISCS = 5000;

interface Pane {
  readonly view: DensityView;
  /** What the colours were set from. */
  painted: unknown[];
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
    while (this.panes.length < panes.length) {
      const view = new DensityView(this.renderer, this.engine, {
        ...{ width: 8, height: 8 },
        ...(this.engine.software ? { mostDiscs: SOFTWARE_DISCS } : {}),
      });
      this.scene.add(view.mesh);
      this.panes.push({ view, painted: [] });
    }
    this.panes.forEach(({ view }, i) => {
      view.mesh.visible = i < panes.length && panes[i].sight !== null;
    });
    panes.forEach((pane, i) => this.paintPane(this.panes[i], pane));
    this.renderer.render(this.scene, this.camera);
    this.frameMs += 0.1 * (performance.now() - start - this.frameMs);
    return true;
  }

  private paintPane(own: Pane, pane: PaneView): void {
    const { sight, box, paint } = pane;
    if (sight === null) return;
    const { view } = own;
    const { width, height } = this;
    view.setSize(
      Math.max(1, Math.round(box.width * this.ratio)),
      Math.max(1, Math.round(box.height * this.ratio)),
    );
    view.mesh.position.set((2 * box.x + box.width) / width - 1, 1 - (2 * box.y + box.height) / height, 0);
    view.mesh.scale.set(box.width / width, box.height / height, 1);
    const before = view.count;
    view.show(sight.count, sight.from, sight.to, sight.fraction);
    view.look(pane.center, pane.span);
    view.tone({ brightness: pane.brightness, trail: pane.trail, gamma: GAMMA });
    const fitting = 'values' in paint && paint.values.length < sight.count ? ({ by: 'one' } as const) : paint;
    const colours = [fitting, pane.palette, sight.dt];
    if (before !== sight.count || colours.some((value, k) => value !== own.painted[k])) {
      own.painted = colours;
      const { dt } = sight;
      const inSteps =
        fitting.by === 'speed' ? { ...fitting, low: fitting.low * dt, high: fitting.high * dt } : fitting;
      view.colour(inSteps, pane.palette);
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
