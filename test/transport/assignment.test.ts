/** Assignments against every permutation, against a solver that shares nothing with ours, and by their duals. */
import { describe, expect, it } from 'vitest';
import { distributionByName } from '../../src/data/registry.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { assign, matrix } from '../../src/transport/assignment.js';
import { assignPoints, dualityGap } from '../../src/transport/points.js';
import { assignWhole } from '../../src/transport/quantise.js';
import { DenseSearch, TreeSearch } from '../../src/transport/search.js';
import { expectPermutation, permutations, someCosts, totalCost } from '../backend/coupling.js';

/** The problem of a matrix of costs [n, n], with so many rounds of the auction. */
function solve(cost: Float64Array, n: number, rounds: number) {
  const epsilons = Array.from({ length: rounds }, (_, k) => 0.3 / 5 ** k);
  return assign({ n, epsilons, ...matrix(cost, n, Number.POSITIVE_INFINITY) });
}

/**
 * The least total cost by the Hungarian method with potentials of rows and columns, one row after another (Kuhn 1955,
 * Munkres 1957): no auction, no prices to start from.
 */
function hungarian(cost: Float64Array, n: number): number {
  const [u, v] = [new Float64Array(n + 1), new Float64Array(n + 1)];
  const rowOf = new Int32Array(n + 1);
  for (let row = 1; row <= n; row++) {
    const slack = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY);
    const before = new Int32Array(n + 1);
    const seen = new Uint8Array(n + 1);
    rowOf[0] = row;
    let column = 0;
    while (rowOf[column] !== 0) {
      seen[column] = 1;
      let [delta, next] = [Number.POSITIVE_INFINITY, 0];
      for (let j = 1; j <= n; j++) {
        if (seen[j]) continue;
        const value = cost[(rowOf[column] - 1) * n + j - 1] - u[rowOf[column]] - v[j];
        if (value < slack[j]) {
          slack[j] = value;
          before[j] = column;
        }
        if (slack[j] < delta) [delta, next] = [slack[j], j];
      }
      for (let j = 0; j <= n; j++) {
        if (seen[j]) {
          u[rowOf[j]] += delta;
          v[j] -= delta;
        } else slack[j] -= delta;
      }
      column = next;
    }
    while (column !== 0) {
      rowOf[column] = rowOf[before[column]];
      column = before[column];
    }
  }
  let total = 0;
  for (let j = 1; j <= n; j++) total += cost[(rowOf[j] - 1) * n + j - 1];
  return total;
}

describe('an assignment', () => {
  it('has the least cost of all permutations, ties included', () => {
    for (let trial = 0; trial < 60; trial++) {
      const n = 1 + (trial % 6);
      const cost = someCosts(n, 500 + trial, trial % 2 === 0);
      const best = Math.min(...permutations(n).map((order) => totalCost(cost, order)));
      for (const rounds of [0, 1, 5]) {
        const { columnOf } = solve(cost, n, rounds);
        expectPermutation(columnOf);
        expect(totalCost(cost, columnOf)).toBeCloseTo(best, 12);
      }
      expect(totalCost(cost, assignWhole(cost, n, 1e30).columnOf)).toBeCloseTo(best, 6);
    }
  });

  it.each([97, 200])('of %i rows costs what the Hungarian method finds', (n) => {
    for (const ties of [false, true]) {
      const cost = someCosts(n, 900 + n, ties);
      expect(totalCost(cost, solve(cost, n, 4).columnOf)).toBeCloseTo(hungarian(cost, n), 10);
    }
  });

  it('takes no missing edge while it can, and says some permutation where it cannot', () => {
    const none = Number.POSITIVE_INFINITY;
    const n = 40;
    const cost = someCosts(n, 3).map((value, at) => ((Math.floor(at / n) + (at % n)) % 2 ? none : value));
    for (const rounds of [0, 3]) {
      const { columnOf } = solve(cost, n, rounds);
      expectPermutation(columnOf);
      expect(totalCost(cost, columnOf)).toBeLessThan(n);
      expectPermutation(solve(Float64Array.of(1, none, none, 2, none, none, none, 3, 4), 3, rounds).columnOf);
      expectPermutation(solve(new Float64Array(49).fill(none), 7, rounds).columnOf);
    }
  });
});

describe('points', () => {
  it.each([1, 2, 3])('in %i dimensions find in the tree what a look at all of them finds', (dim) => {
    const random = new CounterRandom(8, STREAM.test, dim);
    const n = 101;
    // On a coarse grid, so that there are ties.
    const draw = (first: number) =>
      Float64Array.from({ length: n * dim }, (_, at) => Math.round(2 * random.normal(first + at)));
    const [a, b] = [draw(0), draw(1000)];
    const price = new Float64Array(n);
    const fill = (row: number, into: Float64Array) =>
      into.forEach((_, j) => {
        into[j] = 0;
        for (let k = 0; k < dim; k++) into[j] += (a[row * dim + k] - b[j * dim + k]) ** 2;
      });
    const tree = new TreeSearch(price, a, b, dim);
    const dense = new DenseSearch(price, fill, Number.POSITIVE_INFINITY);
    for (let step = 0; step < 2000; step++) {
      const row = random.integer(5000 + 3 * step, n);
      for (const search of [tree, dense]) search.scan(row);
      expect([tree.best, tree.least, tree.second]).toEqual([dense.best, dense.least, dense.second]);
      const column = step % 2 ? tree.best : random.integer(5001 + 3 * step, n);
      price[column] += random.integer(5002 + 3 * step, 9) - 6;
      tree.repriced(column);
    }
  });

  it.each([1, 2, 3, 6])('in %i dimensions are paired as their matrix of costs is', (dim) => {
    const random = new CounterRandom(5, STREAM.test, dim);
    const n = 120;
    const draw = (first: number, shift: number) =>
      Float64Array.from({ length: n * dim }, (_, at) => shift + random.normal(first + at));
    const [a, b] = [draw(0, 0), draw(n * dim, 2)];
    const cost = Float64Array.from({ length: n * n }, (_, at) => {
      const [i, j] = [Math.floor(at / n), at % n];
      return Array.from({ length: dim }, (_, k) => (a[i * dim + k] - b[j * dim + k]) ** 2).reduce(
        (x, y) => x + y,
      );
    });
    const { columnOf } = assignPoints(a, b, dim);
    expectPermutation(columnOf);
    expect(totalCost(cost, columnOf)).toBeCloseTo(hungarian(cost, n), 9);
  });

  it.each([
    ['8gaussians', 'gaussian'],
    ['moons', 'moons'],
    ['corridor', 'corridor'],
  ])('3000 of %s and of %s are paired best, as their prices prove', (left, right) => {
    const a = distributionByName(left).sample(3000, 1).points;
    const b = distributionByName(right).sample(3000, 2).points;
    const assignment = assignPoints(a, b, 2);
    expectPermutation(assignment.columnOf);
    let total = 0;
    assignment.columnOf.forEach((j, i) => {
      total += (a[2 * i] - b[2 * j]) ** 2 + (a[2 * i + 1] - b[2 * j + 1]) ** 2;
    });
    expect(dualityGap(a, b, 2, assignment) / total).toBeLessThan(1e-12);
    // The certificate sees two rows that have changed places.
    const swapped = assignment.columnOf.slice();
    [swapped[0], swapped[1]] = [swapped[1], swapped[0]];
    expect(dualityGap(a, b, 2, { ...assignment, columnOf: swapped }) / total).toBeGreaterThan(1e-9);
  });
});
