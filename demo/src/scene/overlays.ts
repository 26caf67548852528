/** What lies over the particles: the true density, the training points, and the velocity field. */
import type { Dataset } from 'tributary-engine';
import { densityOf, EXTENT, GRID } from '../data/custom.js';
import type { Runner } from '../lab/runner.js';
import { CUSTOM } from '../state.js';
import { contour, type Lattice } from './contours.js';
import type { Box } from './painter.js';

const LATTICE = 120;
/** Arrows along the longer side. */
const ARROWS = 22;
const STREAM_STEPS = 14;
/** Cosine of the angle by which a line may turn at a step. */
const TURN = 0.5;

export interface Ink {
  readonly truth: string;
  readonly points: string;
  readonly field: string;
  /** Around all of them: they lie on particles of any colour. */
  readonly halo: string;
}

/** Strokes the path that has been laid, visible on whatever lies under it: with `halo` pixels on either side. */
function stroke(
  context: CanvasRenderingContext2D,
  ink: Ink,
  colour: string,
  width: number,
  halo: number,
): void {
  context.strokeStyle = ink.halo;
  context.lineWidth = width + 2 * halo;
  context.stroke();
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

export interface Frame {
  readonly box: Box;
  readonly center: readonly [number, number];
  readonly span: number;
}

/** Contours of a data set's true density: where it is known, or drawn. */
export class TruthOverlay {
  private segments: number[][] = [];
  readonly known: boolean;

  constructor(dataset: Dataset, custom: string) {
    const lattice = latticeOf(dataset, custom);
    this.known = lattice !== null;
    if (lattice === null) return;
    const most = lattice.values.reduce((a, b) => Math.max(a, b), 0);
    this.segments = [0.08, 0.3, 0.65].map((share) => contour(lattice, share * most));
  }

  draw(context: CanvasRenderingContext2D, frame: Frame, ink: Ink): void {
    const place = placer(frame);
    this.segments.forEach((segments, i) => {
      context.beginPath();
      for (let k = 0; k < segments.length; k += 4) {
        context.moveTo(...place(segments[k], segments[k + 1]));
        context.lineTo(...place(segments[k + 2], segments[k + 3]));
      }
      context.globalAlpha = 0.6 + 0.2 * i;
      stroke(context, ink, ink.truth, 1.2, 0.6);
    });
    context.globalAlpha = 1;
  }
}

function latticeOf(dataset: Dataset, custom: string): Lattice | null {
  const cells = densityOf(custom);
  if (dataset.name === CUSTOM && cells !== null) {
    const values = Float64Array.from({ length: GRID * GRID }, (_, i) => {
      const row = GRID - 1 - Math.floor(i / GRID);
      return cells[row * GRID + (i % GRID)];
    });
    const step = (2 * EXTENT) / GRID;
    return { values, columns: GRID, rows: GRID, x: -EXTENT + step / 2, y: -EXTENT + step / 2, step };
  }
  const logDensity = dataset.distribution?.logDensity;
  if (logDensity === undefined) return null;
  const reach = 1.15 * extentOf(dataset.points);
  const step = (2 * reach) / (LATTICE - 1);
  const points = new Float64Array(2 * LATTICE * LATTICE);
  for (let i = 0; i < LATTICE * LATTICE; i++) {
    points[2 * i] = -reach + (i % LATTICE) * step;
    points[2 * i + 1] = -reach + Math.floor(i / LATTICE) * step;
  }
  const values = logDensity.call(dataset.distribution, points).map(Math.exp);
  return { values, columns: LATTICE, rows: LATTICE, x: -reach, y: -reach, step };
}

/** The largest coordinate. */
export const extentOf = (points: ArrayLike<number>): number =>
  Array.prototype.reduce.call(
    points,
    (most, value) => Math.max(most as number, Math.abs(value as number)),
    0,
  ) as number;

function placer({ box, center, span }: Frame): (x: number, y: number) => [number, number] {
  const scale = box.height / span;
  const [left, top] = [box.x + box.width / 2, box.y + box.height / 2];
  return (x, y) => [left + (x - center[0]) * scale, top - (y - center[1]) * scale];
}

export function drawPoints(
  context: CanvasRenderingContext2D,
  frame: Frame,
  points: Float64Array,
  ink: Ink,
): void {
  const place = placer(frame);
  for (const [colour, size] of [[ink.halo, 3] as const, [ink.points, 2] as const]) {
    context.fillStyle = colour;
    for (let i = 0; i < points.length; i += 2) {
      const [x, y] = place(points[i], points[i + 1]);
      context.fillRect(x - size / 2, y - size / 2, size, size);
    }
  }
}

/** The field at some times, computed once for each model, window and time. */
export class FieldOverlay {
  private readonly known = new Map<string, { points: Float64Array; velocity: Float64Array }>();

  /** Forget what an older model said. */
  clear(): void {
    this.known.clear();
  }

  /** Draws what is known, and has what is missing computed: @param again called once it is there */
  draw(
    context: CanvasRenderingContext2D,
    frame: Frame,
    ink: Ink,
    from: { runner: Runner; t: number; label: number; streams: boolean },
    again: () => void,
  ): void {
    const t = Math.round(from.t * 20) / 20;
    const { box, center, span } = frame;
    // The lattice's own numbers: rounded ones would be another window's, deep inside.
    const key = [t, from.label, ...center, span, box.width, box.height].join();
    const field = this.known.get(key);
    if (field === undefined) {
      const points = lattice(frame);
      const asked = from.runner.velocity(t, points, from.label);
      // Busy with another: ask again at the next frame.
      if (asked === null) again();
      asked
        ?.then((velocity) => {
          if (this.known.size > 200) this.known.clear();
          this.known.set(key, { points, velocity });
          again();
        })
        // What went wrong shows where the particles are moved.
        .catch(() => undefined);
      return;
    }
    if (from.streams) drawStreams(context, frame, field);
    else drawArrows(context, frame, field);
    stroke(context, ink, ink.field, 1.3, 1);
  }
}

function shape({ box }: Frame): { columns: number; rows: number } {
  const longer = Math.max(box.width, box.height);
  return {
    columns: Math.max(3, Math.round((ARROWS * box.width) / longer)),
    rows: Math.max(3, Math.round((ARROWS * box.height) / longer)),
  };
}

function lattice(frame: Frame): Float64Array {
  const { columns, rows } = shape(frame);
  const { box, center, span } = frame;
  const width = (span * box.width) / box.height;
  const points = new Float64Array(2 * columns * rows);
  for (let i = 0; i < columns * rows; i++) {
    points[2 * i] = center[0] + width * (((i % columns) + 0.5) / columns - 0.5);
    points[2 * i + 1] = center[1] + span * ((Math.floor(i / columns) + 0.5) / rows - 0.5);
  }
  return points;
}

interface Field {
  readonly points: Float64Array;
  readonly velocity: Float64Array;
}

/** Lays the path of arrows. */
function drawArrows(context: CanvasRenderingContext2D, frame: Frame, { points, velocity }: Field): void {
  const place = placer(frame);
  const { columns } = shape(frame);
  const most = extentOf(velocity);
  const longest = (0.95 * frame.box.width) / columns;
  context.beginPath();
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = place(points[i], points[i + 1]);
    const speed = Math.hypot(velocity[i], velocity[i + 1]);
    if (speed < 1e-9) continue;
    // Lengths by the root, so that slow ones are seen as well.
    const length = longest * Math.sqrt(speed / most) * 0.8;
    const [dx, dy] = [(velocity[i] / speed) * length, (-velocity[i + 1] / speed) * length];
    const [tx, ty] = [x + dx, y + dy];
    context.moveTo(x, y);
    context.lineTo(tx, ty);
    context.moveTo(tx - 0.3 * dx - 0.18 * dy, ty - 0.3 * dy + 0.18 * dx);
    context.lineTo(tx, ty);
    context.lineTo(tx - 0.3 * dx + 0.18 * dy, ty - 0.3 * dy - 0.18 * dx);
  }
}

/** Of length 1; null where nothing moves. */
type Direction = readonly [number, number] | null;

const alike = (a: Direction, b: Direction) => a !== null && b !== null && a[0] * b[0] + a[1] * b[1] > TURN;

/** The places that a line along a field comes to from (x, y), by the midpoint rule. */
export function streamline(
  along: (x: number, y: number) => Direction,
  x: number,
  y: number,
  stride: number,
): [number, number][] {
  const places: [number, number][] = [];
  let before = along(x, y);
  for (let [px, py] = [x, y]; places.length < STREAM_STEPS; ) {
    const first = along(px, py);
    const next = first && along(px + (first[0] * stride) / 2, py + (first[1] * stride) / 2);
    // Beyond a sink the field points back.
    if (next === null || !alike(first, next) || !alike(before, next)) break;
    before = next;
    px += next[0] * stride;
    py += next[1] * stride;
    places.push([px, py]);
  }
  return places;
}

/** Lays the path of lines along the field as it is at this one time, between the lattice's velocities by bilinear weights. */
function drawStreams(context: CanvasRenderingContext2D, frame: Frame, { velocity }: Field): void {
  const { columns, rows } = shape(frame);
  const { box } = frame;
  const part = (x: number, y: number, k: number) => {
    const u = Math.min(columns - 1.001, Math.max(0, ((x - box.x) / box.width) * columns - 0.5));
    const v = Math.min(rows - 1.001, Math.max(0, ((box.y + box.height - y) / box.height) * rows - 0.5));
    const [i, j] = [Math.floor(u), Math.floor(v)];
    const read = (a: number, b: number) => velocity[2 * (b * columns + a) + k];
    const [s, r] = [u - i, v - j];
    return (
      (1 - r) * ((1 - s) * read(i, j) + s * read(i + 1, j)) +
      r * ((1 - s) * read(i, j + 1) + s * read(i + 1, j + 1))
    );
  };
  const along = (x: number, y: number): Direction => {
    const [vx, vy] = [part(x, y, 0), -part(x, y, 1)];
    const speed = Math.hypot(vx, vy);
    return speed < 1e-6 ? null : [vx / speed, vy / speed];
  };
  const stride = box.width / columns / 3;
  context.beginPath();
  for (let n = 0; n < columns * rows; n++) {
    // Every second one, like the fields of a chessboard.
    if ((n + Math.floor(n / columns)) % 2 === 1) continue;
    const x = box.x + (((n % columns) + 0.5) / columns) * box.width;
    const y = box.y + ((Math.floor(n / columns) + 0.5) / rows) * box.height;
    context.moveTo(x, y);
    for (const place of streamline(along, x, y, stride)) context.lineTo(...place);
  }
}
