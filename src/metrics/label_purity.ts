import { badInput } from '../errors.js';
import { measureShare } from './measure.js';
import { type Measured, REFERENCE_POINTS, type Samples, type Truth } from './truth.js';

/** Share of equal entries of two label arrays. Throws bad-input for none, or for different lengths. */
export function agreement(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0)
    badInput(`labels must be as many as points and at least one, got ${a.length} and ${b.length}`);
  let same = 0;
  for (let row = 0; row < a.length; row++) if (a[row] === b[row]) same++;
  return same / a.length;
}

/** As many true points as tell the truth's own share: labels cost more than densities do. */
function someOf({ labelled: { points, labels }, dim }: Truth): Samples {
  const rows = Math.min(points.length / dim, REFERENCE_POINTS);
  return { points: points.subarray(0, rows * dim), ...(labels ? { labels: labels.subarray(0, rows) } : {}) };
}

/**
 * Share of samples whose requested label is the most probable one under the truth. Classes that overlap keep
 * even true samples below 1; their share is the floor.
 */
export function labelPurity(samples: Samples, truth: Truth, beside: readonly Samples[] = []): Measured {
  const { distribution } = truth;
  const counted = ({ points, labels }: Samples) => {
    if (!distribution?.labelOf || !labels)
      badInput('label purity needs requested labels and a distribution with known ones');
    return { hits: labels.length * agreement(distribution.labelOf(points), labels), of: labels.length };
  };
  return measureShare(
    samples,
    truth,
    'higher',
    counted(samples),
    counted(someOf(truth)),
    beside.map(counted),
  );
}
