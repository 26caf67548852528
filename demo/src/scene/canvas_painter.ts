import {
  type Box,
  distanceAt,
  fitting,
  GAMMA,
  type Paint,
  type Painter,
  type PaneView,
  type Rgb,
} from './painter.js';

/** The tone curve is looked up: entries over the square root of what is toned. */
const CURVE_SIZE = 1024;
const CURVE_END = 8;
const CURVE = Uint8ClampedArray.from({ length: CURVE_SIZE + 1 }, (_, i) => {
  const x = CURVE_END * (i / CURVE_SIZE) ** 2;
  return Math.round(255 * (1 - Math.exp(-x)) ** GAMMA);
});

/** Particles added up and toned without any graphics card: what a page without WebGPU draws with. */
export class CanvasPainter implements Painter {
  readonly kind = 'canvas';
  readonly canvas = document.createElement('canvas');
  private readonly context = this.canvas.getContext('2d') as CanvasRenderingContext2D;
  /** Of each pane, [height, width, 4]: red, green, blue, weight. */
  private readonly sums: Float32Array[] = [];
  private readonly pictures = new Map<string, ImageData>();
  private last: readonly PaneView[] = [];

  resize(width: number, height: number): void {
    const [w, h] = [Math.max(1, Math.round(width)), Math.max(1, Math.round(height))];
    if (this.canvas.width === w && this.canvas.height === h) return;
    this.canvas.width = w;
    this.canvas.height = h;
    this.pictures.clear();
    this.last = [];
  }

  paint(panes: readonly PaneView[]): boolean {
    if (this.isShown(panes)) return false;
    this.last = panes.map((pane) => ({
      ...pane,
      center: [pane.center[0], pane.center[1]],
      sight: pane.sight === null ? null : { ...pane.sight },
    }));
    panes.forEach((pane, i) => this.paintPane(pane, i));
    return true;
  }

  private isShown(panes: readonly PaneView[]): boolean {
    if (panes.length !== this.last.length) return false;
    for (let i = 0; i < panes.length; i++) if (!same(panes[i], this.last[i])) return false;
    return true;
  }

  private paintPane(pane: PaneView, index: number): void {
    const { box } = pane;
    const width = Math.max(1, Math.round(box.width));
    const height = Math.max(1, Math.round(box.height));
    const length = 4 * width * height;
    const known = this.sums[index]?.length === length;
    const sums = known ? this.sums[index] : new Float32Array(length);
    this.sums[index] = sums;
    if (pane.trail > 0) for (let i = 0; i < length; i++) sums[i] *= pane.trail;
    else sums.fill(0);
    const weight = pane.sight === null ? 0 : this.add(pane, sums, width, height);
    const picture = this.tone(pane, sums, width, height, weight);
    this.context.putImageData(picture, Math.round(box.x), Math.round(box.y));
  }

  /** Adds all particles to the sums. @returns the exposure */
  private add(pane: PaneView, sums: Float32Array, width: number, height: number): number {
    const { sight, center, span, palette } = pane;
    if (sight === null) return 0;
    const paint = fitting(pane.paint, sight);
    const { from, to, fraction, count } = sight;
    if (!(from instanceof Float32Array) || !(to instanceof Float32Array)) return 0;
    const scale = height / span;
    const radius = Math.min(3, Math.max(0.5, Math.sqrt((width * height) / (count * Math.PI)) * 0.6));
    const reach = Math.ceil(1.4 * radius);
    const stamp = disc(radius, reach);
    const side = 2 * reach + 1;
    const last = palette.length - 1;
    const low = paint.by === 'speed' ? paint.low * sight.dt : paint.by === 'value' ? paint.low : 0;
    const high = paint.by === 'speed' ? distanceAt(paint.high, sight) : paint.by === 'value' ? paint.high : 1;
    const scaleOfRamp = 1 / Math.max(1e-12, high - low);
    for (let i = 0; i < count; i++) {
      const [ax, ay, bx, by] = [from[2 * i], from[2 * i + 1], to[2 * i], to[2 * i + 1]];
      const px = Math.round(width / 2 + (ax + (bx - ax) * fraction - center[0]) * scale);
      const py = Math.round(height / 2 - (ay + (by - ay) * fraction - center[1]) * scale);
      if (!(px >= reach && px < width - reach && py >= reach && py < height - reach)) continue;
      let colour: Rgb = palette[0];
      if (paint.by === 'label') colour = palette[paint.values[i] % palette.length];
      else if (paint.by !== 'one') {
        const value = paint.by === 'speed' ? Math.hypot(bx - ax, by - ay) : paint.values[i];
        colour = palette[Math.round(Math.min(1, Math.max(0, (value - low) * scaleOfRamp)) * last)];
      }
      for (let dy = 0; dy < side; dy++) {
        let at = 4 * ((py + dy - reach) * width + px - reach);
        for (let dx = 0; dx < side; dx++, at += 4) {
          const w = stamp[dy * side + dx];
          sums[at] += w * colour[0];
          sums[at + 1] += w * colour[1];
          sums[at + 2] += w * colour[2];
          sums[at + 3] += w;
        }
      }
    }
    return (pane.brightness * scale * scale * (1 - pane.trail)) / count;
  }

  private tone(
    pane: PaneView,
    sums: Float32Array,
    width: number,
    height: number,
    exposure: number,
  ): ImageData {
    const key = `${Math.round(pane.box.x)} ${Math.round(pane.box.y)} ${width} ${height}`;
    const picture = this.pictures.get(key) ?? new ImageData(width, height);
    this.pictures.set(key, picture);
    const { data } = picture;
    const toCurve = CURVE_SIZE / Math.sqrt(CURVE_END);
    for (let i = 0; i < sums.length; i += 4) {
      const weight = sums[i + 3];
      if (weight <= 0) {
        data[i + 3] = 0;
        continue;
      }
      const inverse = 255 / weight;
      data[i] = sums[i] * inverse;
      data[i + 1] = sums[i + 1] * inverse;
      data[i + 2] = sums[i + 2] * inverse;
      data[i + 3] = CURVE[Math.min(CURVE_SIZE, Math.round(Math.sqrt(weight * exposure) * toCurve))];
    }
    return picture;
  }

  destroy(): void {
    this.canvas.remove();
  }
}

/** Weights of a soft disc that sum to 1; it is round however bright it is. */
function disc(radius: number, reach: number): Float32Array {
  const side = 2 * reach + 1;
  const stamp = new Float32Array(side * side);
  let total = 0;
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) {
      const squared = x * x + y * y;
      if (squared > reach * reach + 1) continue;
      const value = Math.exp((-1.5 * squared) / (radius * radius));
      stamp[(y + reach) * side + x + reach] = value;
      total += value;
    }
  }
  return stamp.map((value) => value / total);
}

const sameBox = (a: Box, b: Box) =>
  a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;

function same(a: PaneView, b: PaneView): boolean {
  return (
    a.trail === 0 &&
    b.trail === 0 &&
    sameBox(a.box, b.box) &&
    a.sight?.from === b.sight?.from &&
    a.sight?.to === b.sight?.to &&
    a.sight?.fraction === b.sight?.fraction &&
    a.center[0] === b.center[0] &&
    a.center[1] === b.center[1] &&
    a.span === b.span &&
    a.palette === b.palette &&
    a.brightness === b.brightness &&
    samePaint(a.paint, b.paint)
  );
}

const samePaint = (a: Paint, b: Paint): boolean =>
  a === b ||
  (a.by === b.by &&
    ('low' in a ? a.low : 0) === ('low' in b ? b.low : 0) &&
    ('high' in a ? a.high : 0) === ('high' in b ? b.high : 0) &&
    ('values' in a ? a.values : null) === ('values' in b ? b.values : null));
