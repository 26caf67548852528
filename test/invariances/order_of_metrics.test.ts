import { describe, expect, it } from 'vitest';
import { datasetFromPoints, trainingSet } from '../../src/data/dataset.js';
import { distributionByName } from '../../src/data/registry.js';
import { type Evaluation, evaluateSamples } from '../../src/metrics/evaluate.js';
import { permutedRows, permutedTurns } from '../../src/random/permutation.js';
import { STREAM } from '../../src/random/random.js';

interface Rows {
  points: Float64Array;
  labels: Uint32Array;
}

const n = 700;

function inOrder({ points, labels }: Rows, order: ArrayLike<number>): Rows {
  const rows = Array.from(order);
  return {
    points: Float64Array.from(rows.flatMap((row) => [points[2 * row], points[2 * row + 1]])),
    labels: Uint32Array.from(rows, (row) => labels[row]),
  };
}

/** Orders in which files come: by class, by coordinate, classes in turn, shuffled. */
function orders({ points, labels }: Rows): [string, ArrayLike<number>][] {
  const rows = Array.from({ length: n }, (_, row) => row);
  const classes = [...new Set(labels)].map((label) => rows.filter((row) => labels[row] === label));
  const turns = rows.flatMap((k) => classes.flatMap((own) => (k < own.length ? [own[k]] : [])));
  return [
    ['sorted by class', classes.flat()],
    ['sorted by a coordinate', rows.toSorted((a, b) => points[2 * a] - points[2 * b])],
    ['classes in turn', turns],
    ...[1, 2].map((seed): [string, ArrayLike<number>] => [
      `permuted by seed ${seed}`,
      permutedRows(n, n, seed, STREAM.test, 0),
    ]),
  ];
}

/** Metrics that look at part of the rows: at fewer points than there are. */
const isPart = ({ n: judged, details }: Evaluation['metrics'][string]) =>
  details?.points !== undefined && details.points * (details.parts ?? 1) < judged;

describe('the order of rows', () => {
  it.each(['8gaussians', 'checkerboard'])(
    'of samples of %s changes no metric beyond its own interval, and none that uses all rows',
    (name) => {
      const distribution = distributionByName(name);
      const rows = distribution.sample(n, 5);
      const training = trainingSet(distribution, 300, 0);
      // Any number that goes with each row, as if the points had been lifted.
      const offPlane = ({ points }: Rows) => points.filter((_, at) => at % 2 === 0).map((x) => x * x);
      const judge = (own: Rows) =>
        evaluateSamples({
          ...own,
          offPlane: offPlane(own),
          distribution,
          training,
          seed: 3,
          floorDraws: 2,
        });
      const first = judge(rows);
      let parts = 0;
      for (const [how, order] of orders(rows)) {
        const { metrics } = judge(inOrder(rows, order));
        expect(Object.keys(metrics)).toEqual(Object.keys(first.metrics));
        for (const [key, metric] of Object.entries(metrics)) {
          const { value, interval } = first.metrics[key];
          if (isPart(metric)) {
            parts++;
            expect(metric.value, `${key}, ${how}`).toBeGreaterThanOrEqual(interval[0]);
            expect(metric.value, `${key}, ${how}`).toBeLessThanOrEqual(interval[1]);
          } else
            expect(Math.abs(metric.value - value), `${key}, ${how}`).toBeLessThanOrEqual(
              1e-9 * Math.abs(value),
            );
        }
      }
      expect(parts).toBeGreaterThan(0);
    },
  );

  it('of own points and of the rows they are judged by changes nothing either', () => {
    const rows = distributionByName('8gaussians').sample(n, 5);
    const fresh = distributionByName('8gaussians').sample(n, 6).points;
    const judge = (own: Rows) =>
      evaluateSamples({ points: fresh, training: datasetFromPoints('mine', own.points, 2), seed: 3 });
    const first = judge(rows);
    for (const [how, order] of orders(rows)) {
      const { metrics } = judge(inOrder(rows, order));
      for (const [key, metric] of Object.entries(metrics)) {
        expect(metric.value, `${key}, ${how}`).toBeGreaterThanOrEqual(first.metrics[key].interval[0]);
        expect(metric.value, `${key}, ${how}`).toBeLessThanOrEqual(first.metrics[key].interval[1]);
      }
    }
  });

  it('does not go with places in turns of rows, however many they are', () => {
    for (const rows of [1, 389, 778, 1024, 5000]) {
      const turns = permutedTurns(1024, rows, 7, STREAM.test, 0);
      // Each before any comes again.
      expect(new Set(turns.subarray(0, Math.min(rows, 1024))).size).toBe(Math.min(rows, 1024));
      const mean = turns.reduce((sum, row) => sum + row / 1024, 0);
      expect(Math.abs(mean - (rows - 1) / 2)).toBeLessThanOrEqual((4 * rows) / Math.sqrt(12 * 1024));
    }
  });
});
