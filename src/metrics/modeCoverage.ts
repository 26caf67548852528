import type { Modes } from '../data/distribution.js';
import { badInput } from '../errors.js';
import { type Metric, measure, type Samples, type Truth } from './truth.js';

/** A mode counts as covered with this fraction of the points that it should get. */
export const COVERED_FRACTION = 0.1;

export interface Coverage {
  /** Share of modes with at least max(1, 0.1·n·weight) points. */
  covered: number;
  /** Share of points that lie in a mode at all. */
  inside: number;
}

/** How points [n, d] are spread over the modes. Throws bad-input for no points. */
export function coverage(points: Float64Array, modes: Modes): Coverage {
  const assigned = modes.assign(points);
  const n = assigned.length;
  if (n === 0) badInput('mode coverage needs at least one point');
  const counts = new Uint32Array(modes.weights.length);
  let inside = 0;
  for (const mode of assigned) {
    if (mode < 0) continue;
    counts[mode]++;
    inside++;
  }
  const covered = counts.reduce(
    (sum, count, k) => sum + (count >= Math.max(1, COVERED_FRACTION * n * modes.weights[k]) ? 1 : 0),
    0,
  );
  return { covered: covered / counts.length, inside: inside / n };
}

function modesOf(truth: Truth): Modes {
  return truth.distribution?.modes ?? badInput('the truth has no modes to count');
}

/**
 * Share of modes that the samples reach: at least a tenth of the points a mode should get, and at least one,
 * each within three standard deviations of a mode it most probably came from (the radius of PacGAN,
 * 1712.04086). Few samples cannot reach many light modes, which the floor shows.
 */
export function modeCoverage(samples: Samples, truth: Truth, training?: Samples): Metric {
  const modes = modesOf(truth);
  return measure(samples, truth, 'higher', ({ points }) => coverage(points, modes).covered, training);
}

/** Share of samples within a mode, PacGAN's "high-quality" samples; three std in the plane hold 98.89 %. */
export function highQuality(samples: Samples, truth: Truth, training?: Samples): Metric {
  const modes = modesOf(truth);
  return measure(samples, truth, 'higher', ({ points }) => coverage(points, modes).inside, training);
}
