import { describe, expect, it } from 'vitest';
import { AmbientLift } from '../../src/data/ambient.js';
import { datasetFromPoints, trainingSet } from '../../src/data/dataset.js';
import { distributionByName } from '../../src/data/registry.js';
import { standardise, standardiserFrom } from '../../src/data/standardise.js';
import { TributaryError } from '../../src/errors.js';
import { nearest } from '../../src/suggest.js';

describe('AmbientLift', () => {
  it.each([2, 3, 9408])('lifts the plane to d = %i isometrically and comes back', (d) => {
    const lift = new AmbientLift(2, d, 5);
    const y = distributionByName('corridor').sample(20, 1).points;
    const x = lift.lift(y);
    expect(x.length).toBe(20 * d);
    const back = lift.project(x);
    back.forEach((value, at) => {
      expect(value).toBeCloseTo(y[at], 10);
    });
    let [inside, outside] = [0, 0];
    for (let i = 0; i < 2; i++) inside += (y[i] - y[2 + i]) ** 2;
    for (let i = 0; i < d; i++) outside += (x[i] - x[d + i]) ** 2;
    expect(outside).toBeCloseTo(inside, 10);
  });

  it('has orthonormal columns even where they fill the space, and is a function of the seed', () => {
    const d = 5;
    const { columns } = new AmbientLift(d, d, 1);
    for (let a = 0; a < d; a++)
      for (let b = 0; b < d; b++) {
        let dot = 0;
        for (let i = 0; i < d; i++) dot += columns[a * d + i] * columns[b * d + i];
        expect(dot).toBeCloseTo(a === b ? 1 : 0, 13);
      }
    expect(new AmbientLift(2, 10, 1).columns).toEqual(new AmbientLift(2, 10, 1).columns);
    expect(new AmbientLift(2, 10, 1).columns).not.toEqual(new AmbientLift(2, 10, 2).columns);
    expect(() => new AmbientLift(2, 1, 1)).toThrow(/ambient dimension/);
  });
});

describe('standardise', () => {
  it('makes mean 0 and std 1, keeps constant columns, and comes back', () => {
    const points = Float64Array.of(1, 7, 10, 3, 7, 20, 5, 7, 60);
    const scaler = standardise(points, 3);
    const z = scaler.forward(points);
    for (const i of [0, 2]) {
      const column = [0, 1, 2].map((row) => z[3 * row + i]);
      expect(column.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 12);
      expect(column.reduce((sum, value) => sum + value * value, 0) / 3).toBeCloseTo(1, 12);
    }
    expect([z[1], z[4], z[7]]).toEqual([0, 0, 0]);
    scaler.inverse(z).forEach((value, at) => {
      expect(value).toBeCloseTo(points[at], 12);
    });
  });

  it('carries densities over by its log determinant', () => {
    const scaler = standardiserFrom(Float64Array.of(1, -2), Float64Array.of(3, 0.5));
    const z = scaler.forward(Float64Array.of(4, -1.5));
    const standard = (v: number) => -0.5 * (v * v + Math.log(2 * Math.PI));
    const normal = (v: number, mean: number, std: number) => standard((v - mean) / std) - Math.log(std);
    expect(standard(z[0]) + standard(z[1]) - scaler.logDet).toBeCloseTo(
      normal(4, 1, 3) + normal(-1.5, -2, 0.5),
      12,
    );
  });
});

describe('datasets', () => {
  it('draw a training set as a function of the seed', () => {
    const set = trainingSet(distributionByName('moons'), 100, 7);
    expect([set.rows, set.dim, set.classes, set.points.length]).toEqual([100, 2, 2, 200]);
    expect(trainingSet(distributionByName('moons'), 100, 7).points).toEqual(set.points);
    expect(() => trainingSet(distributionByName('moons'), 0, 7)).toThrow(/rows/);
  });

  it.each([
    [Float64Array.of(1, 2, Number.NaN, 4), 2, undefined, /mine: row 2, column 1 is NaN/],
    [Float64Array.of(1, 2, 3, Number.NEGATIVE_INFINITY), 2, undefined, /row 2, column 2 is -Infinity/],
    [new Float64Array(), 2, undefined, /mine: no rows/],
    [Float64Array.of(1, 2, 3), 2, undefined, /not whole rows/],
    [Float64Array.of(1, 2), 1, [0, -1], /label of row 2 is -1/],
    [Float64Array.of(1, 2), 1, [0.5, 1], /label of row 1 is 0.5/],
    [Float64Array.of(1, 2), 1, [1], /2 rows need 2 labels/],
  ])('refuse what cannot be trained on %#', (points, dim, labels, message) => {
    const build = () => datasetFromPoints('mine', points, dim, labels);
    expect(build).toThrow(message);
    expect(build).toThrow(TributaryError);
  });

  it('keep good points as they are', () => {
    const set = datasetFromPoints('mine', Float64Array.of(1, 2, 3, 4), 2, [0, 4]);
    expect([set.rows, set.classes, Array.from(set.labels)]).toEqual([2, 5, [0, 4]]);
  });
});

describe('names', () => {
  it('suggest the nearest one', () => {
    expect(() => distributionByName('coridor')).toThrow(
      /unknown distribution 'coridor': did you mean 'corridor'\?/,
    );
    expect(() => distributionByName('toString')).toThrow(/unknown distribution/);
    expect(nearest('MOON', ['moons', 'rings'])).toBe('moons');
    expect(nearest('zzzzzzzz', ['moons'])).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
  });
});
