/** The truth's ln p of many points: exactly for some, by a lattice for millions. */
import type { Dataset, Distribution } from 'tributary-engine';
import { drawnLogDensity } from './data/custom.js';
import { extentOf } from './scene/overlays.js';
import { CUSTOM } from './state.js';

/** Points whose density is computed at a time, before the page may breathe. */
const SLICE = 2000;
/** So many the truth answers one by one: some distributions take ten microseconds a point. */
const MOST_EXACT = 50_000;
/** Points of the lattice along an axis. */
const SIDE = 800;
/** −∞ off a support: a number that a ramp can begin at. */
const LOWEST = -1e3;

type LogDensity = NonNullable<Distribution['logDensity']>;

const breathe = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** [n] of points [n, 2], without holding up the page. */
async function exact(logDensity: LogDensity, points: Float64Array): Promise<Float32Array> {
  const values = new Float32Array(points.length / 2);
  for (let first = 0; first < points.length; first += 2 * SLICE) {
    const part = logDensity(points.subarray(first, first + 2 * SLICE));
    for (let i = 0; i < part.length; i++) values[first / 2 + i] = Math.max(part[i], LOWEST);
    await breathe();
  }
  return values;
}

/**
 * ln p on a square around the data, beyond it nothing: between its points by bilinear weights of ln p, which is smooth
 * where p falls steeply; of p at the edge of a support.
 */
class LatticeOfDensities {
  private readonly reach: number;
  /** [SIDE, SIDE]; what nobody has come near to is not known. */
  private readonly values = new Float32Array(SIDE * SIDE).fill(Number.NaN);

  constructor(
    private readonly logDensity: LogDensity,
    data: Float64Array,
  ) {
    this.reach = 1.25 * extentOf(data);
  }

  private get scale(): number {
    return (SIDE - 1) / (2 * this.reach);
  }

  /** Computes what the lattice does not know yet around points. */
  private async learn(points: Float64Array): Promise<void> {
    const { values, reach, scale } = this;
    const missing: number[] = [];
    for (let i = 0; i < points.length; i += 2) {
      const u = (points[i] + reach) * scale;
      const v = (points[i + 1] + reach) * scale;
      if (!isInside(u, v)) continue;
      const at = Math.floor(v) * SIDE + Math.floor(u);
      for (const corner of [at, at + 1, at + SIDE, at + SIDE + 1]) {
        if (!Number.isNaN(values[corner])) continue;
        values[corner] = LOWEST;
        missing.push(corner);
      }
    }
    const places = new Float64Array(2 * missing.length);
    missing.forEach((corner, k) => {
      places[2 * k] = (corner % SIDE) / scale - reach;
      places[2 * k + 1] = Math.floor(corner / SIDE) / scale - reach;
    });
    const found = await exact(this.logDensity, places);
    missing.forEach((corner, k) => {
      values[corner] = found[k];
    });
  }

  async at(points: Float64Array): Promise<Float32Array> {
    await this.learn(points);
    const { values, reach, scale } = this;
    const result = new Float32Array(points.length / 2);
    for (let i = 0; i < result.length; i++) {
      const u = (points[2 * i] + reach) * scale;
      const v = (points[2 * i + 1] + reach) * scale;
      result[i] = isInside(u, v) ? between(values, u, v) : LOWEST;
      if (i % (100 * SLICE) === 0) await breathe();
    }
    return result;
  }
}

const isInside = (u: number, v: number): boolean => u >= 0 && v >= 0 && u < SIDE - 1 && v < SIDE - 1;

function between(values: Float32Array, u: number, v: number): number {
  const [a, b] = [Math.floor(u), Math.floor(v)];
  const [r, s] = [u - a, v - b];
  const at = b * SIDE + a;
  const corners = [values[at], values[at + 1], values[at + SIDE], values[at + SIDE + 1]];
  const weights = [(1 - r) * (1 - s), r * (1 - s), (1 - r) * s, r * s];
  const sum = (of: (value: number) => number) =>
    corners.reduce((total, value, k) => total + weights[k] * of(value), 0);
  if (corners.every((value) => value > LOWEST)) return sum((value) => value);
  return Math.max(Math.log(sum(Math.exp)), LOWEST);
}

export class LogDensities {
  private lattice: { dataset: Dataset; own: LatticeOfDensities } | null = null;
  private queue: Promise<unknown> = Promise.resolve();

  /**
   * [n] of points [n, 2]; null where the truth's density is not known.
   * @param custom of data that have no distribution of their own: what a visitor drew
   */
  async of(dataset: Dataset, points: Float64Array, custom = ''): Promise<Float32Array | null> {
    const { distribution, name } = dataset;
    const drawn = name === CUSTOM ? drawnLogDensity(custom) : null;
    const logDensity = drawn ?? distribution?.logDensity?.bind(distribution);
    if (logDensity === undefined) return null;
    if (points.length <= 2 * MOST_EXACT) return exact(logDensity, points);
    if (this.lattice?.dataset !== dataset) {
      this.lattice = { dataset, own: new LatticeOfDensities(logDensity, dataset.points) };
    }
    const { own } = this.lattice;
    // One after the other: the second may need what the first is still computing.
    const values = this.queue.then(() => own.at(points));
    this.queue = values.catch(() => undefined);
    return values;
  }
}
