/** How wide particles spread, how densely, and how fast they move on their way, by the path alone or as they are drawn. */
import { isInterpolant, type RunConfig, samplingField } from 'tributary-engine';
import { jumped } from '../lab/way.js';

const TIMES = 100;
/** Standard deviations of the noise that a window shows. */
const DEVIATIONS = 2.5;
/** The end of a ramp, in root-mean-square speeds. */
const FASTEST = 2.5;

/** How far a network's particles lie from the points that it has seen: so far there are some where the data are. */
const FUZZ = 0.05;

/** The normal distribution's Φ to 2e-4, without a series (Bowling et al. 2009). */
const normal = (x: number): number => 1 / (1 + Math.exp(-x * (1.5976 + 0.07056 * x * x)));

function between(values: Float64Array, t: number): number {
  const place = t * TIMES;
  const low = Math.min(Math.floor(place), TIMES - 1);
  return values[low] + (values[low + 1] - values[low]) * (place - low);
}

/** Shares of noise and data at each time, and how fast they change; `low` is the first time at which that is known. */
function scheduleOf(config: RunConfig) {
  if (isInterpolant(config)) {
    const { schedule, range } = samplingField(config.settings);
    return { at: (t: number) => schedule.at(t), low: range.low };
  }
  // Drawn in a straight line from the one to the other.
  const at = (t: number) => ({ alpha: 1 - jumped(t), beta: jumped(t), gamma: 0, alphaDot: -1, betaDot: 1 });
  return { at, low: 0 };
}

export class Spread {
  /** At each of the times: half the width of noise and data, the end of a ramp over speeds, and 1/∫p². */
  private readonly widths = new Float64Array(TIMES + 1);
  private readonly speeds = new Float64Array(TIMES + 1);
  private readonly areas = new Float64Array(TIMES + 1);
  /** The share of noise, and of the data. */
  private readonly noises = new Float64Array(TIMES + 1);
  private readonly betas = new Float64Array(TIMES + 1);

  /**
   * @param points of the data, [n, 2]
   * @param extent their largest coordinate
   * @param density their ∫p²
   */
  constructor(
    config: RunConfig,
    private readonly points: Float64Array,
    extent: number,
    density: number,
  ) {
    const { at, low } = scheduleOf(config);
    const square = (2 * points.reduce((sum, value) => sum + value ** 2, 0)) / points.length;
    for (let i = 0; i <= TIMES; i++) {
      const t = i / TIMES;
      const { alpha, beta, gamma } = at(t);
      const noise = Math.hypot(alpha, gamma);
      this.noises[i] = noise;
      this.betas[i] = beta;
      this.widths[i] = DEVIATIONS * noise + beta * extent;
      // As of Gaussians, whose variances add: 4πσ².
      this.areas[i] = beta ** 2 / density + 4 * Math.PI * noise ** 2;
      // Some paths end at an infinite speed.
      const { alphaDot, betaDot } = at(Math.max(low, Math.min(0.99, t)));
      const speed = FASTEST * Math.sqrt(2 * alphaDot ** 2 + square * betaDot ** 2);
      this.speeds[i] = Number(speed.toPrecision(2));
    }
  }

  /** Half of what holds nearly all particles at a time. */
  widthAt(t: number): number {
    return between(this.widths, t);
  }

  /**
   * Whether at least a share of all particles is to be expected in a window at a time.
   * @param right half its width
   * @param up half its height
   */
  expects(share: number, t: number, x: number, y: number, right: number, up: number): boolean {
    const { points } = this;
    const beta = between(this.betas, t);
    const width = Math.hypot(between(this.noises, t), FUZZ);
    let left = (share * points.length) / 2;
    for (let i = 0; i < points.length && left > 0; i += 2) {
      const [dx, dy] = [x - beta * points[i], y - beta * points[i + 1]];
      const across = normal((dx + right) / width) - normal((dx - right) / width);
      left -= across * (normal((dy + up) / width) - normal((dy - up) / width));
    }
    return left <= 0;
  }

  /** The density that a particle typically sees. */
  densityAt(t: number): number {
    return 1 / between(this.areas, t);
  }

  /** The speed at which a ramp ends, two digits of it. */
  fastestAt(t: number): number {
    return this.speeds[Math.round(t * TIMES)];
  }
}
