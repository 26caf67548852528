import { fitBaseline } from '../baselines/baseline.js';
import type { BaselineName } from '../baselines/registry.js';
import type { Dataset } from '../data/dataset.js';
import { TributaryError } from '../errors.js';
import { type Samples, subsample } from './truth.js';

/** What samples are compared with; the training set itself has a place of its own. */
export const NULL_MODELS = ['gaussian', 'kde', 'gmm', 'manifold-parzen'] as const satisfies BaselineName[];

/** Rows that they are fitted to at most, chosen by the seed: beyond it a fit takes longer than it tells. */
export const FITTED_ROWS = 10_000;

/** Coordinates beyond which a covariance is more than a table of samples is worth. */
const MOST_COLUMNS = 256;

/**
 * As many samples of every model without a network, fitted to the training points, as are judged: what they score, a
 * network has to beat. By class where the samples have labels.
 * @param asked [n] the labels of the samples
 * @returns by name; empty where the data have too many columns
 */
export function nullModels(
  training: Dataset,
  n: number,
  asked: Uint32Array | undefined,
  seed: number,
): Map<string, Samples> {
  const { dim, rows } = training;
  if (dim > MOST_COLUMNS) return new Map();
  const labelled = asked !== undefined && training.classes > 1;
  const kept = rows <= FITTED_ROWS ? training : thinned(training, seed);
  const found = new Map<string, Samples>();
  for (const name of NULL_MODELS) {
    try {
      const points = { points: kept.points, dim, ...(labelled ? { labels: kept.labels } : {}) };
      const drawn = fitBaseline(name, points, name === 'gmm' ? { seed } : {}).sample(
        n,
        seed,
        labelled ? asked : undefined,
      );
      found.set(name, { points: drawn.points, ...(asked ? { labels: asked } : {}) });
    } catch (error) {
      // Of a label without a row, and of numbers beyond float64, they say nothing.
      if (!(error instanceof TributaryError && error.code === 'bad-input')) throw error;
    }
  }
  return found;
}

/** Rows of the training set with their labels. */
function thinned({ points, labels, dim, rows }: Dataset, seed: number): Pick<Dataset, 'points' | 'labels'> {
  const joined = new Float64Array(rows * (dim + 1));
  for (let row = 0; row < rows; row++) {
    joined.set(points.subarray(row * dim, (row + 1) * dim), row * (dim + 1));
    joined[row * (dim + 1) + dim] = labels[row];
  }
  const some = subsample(joined, dim + 1, FITTED_ROWS, seed);
  const own = new Float64Array(FITTED_ROWS * dim);
  const ownLabels = new Uint32Array(FITTED_ROWS);
  for (let row = 0; row < FITTED_ROWS; row++) {
    own.set(some.subarray(row * (dim + 1), row * (dim + 1) + dim), row * dim);
    ownLabels[row] = some[row * (dim + 1) + dim];
  }
  return { points: own, labels: ownLabels };
}
