import { fitBaseline } from '../baselines/baseline.js';
import type { BaselineName } from '../baselines/registry.js';
import { canonicalOrder, orderedRows } from '../data/canonical.js';
import type { Dataset } from '../data/dataset.js';
import { TributaryError } from '../errors.js';
import { permutedRows } from '../random/permutation.js';
import { STREAM } from '../random/random.js';
import type { Samples } from './truth.js';

/** What samples are compared with; the training set itself has a place of its own. */
const NULL_MODELS = ['gaussian', 'kde', 'gmm', 'manifold-parzen'] as const satisfies BaselineName[];

/** Rows that they are fitted to at most, chosen by the seed: beyond it a fit takes longer than it tells. */
const FITTED_ROWS = 10_000;

/** A step of the evaluation's stream that nothing else of an evaluation uses. */
const THINNED = 5000;

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

/** Some rows of the training set with their labels: the same points in another order give the same. */
function thinned({ points, labels, dim, rows }: Dataset, seed: number): Pick<Dataset, 'points' | 'labels'> {
  const order = canonicalOrder([
    { values: labels, dim: 1 },
    { values: points, dim },
  ]);
  const chosen = permutedRows(rows, FITTED_ROWS, seed, STREAM.evaluation, THINNED).map((at) => order[at]);
  return { points: orderedRows(points, dim, chosen), labels: chosen.map((row) => labels[row]) };
}
