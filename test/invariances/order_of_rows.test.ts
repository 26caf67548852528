/** The same rows in any order are the same data: the same config to the bit, and the same points to train on. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { datasetOf } from '../../src/cli/dataset.js';
import { configOf } from '../../src/cli/run_options.js';
import { canonicalOrder, orderedRows } from '../../src/data/canonical.js';
import { trainingSet } from '../../src/data/dataset.js';
import { distributionByName } from '../../src/data/registry.js';
import { familyNames } from '../../src/families/registry.js';
import { encodeCsv } from '../../src/formats/csv_write.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { dataScale, defaultTransform, runConfig } from '../../src/run/defaults.js';
import { temporaryFolder } from '../cli/run.js';

const folder = temporaryFolder();
const ROWS = 3000;
const SEEDS = [1, 2, 3];

/** Three clusters one after the other, which no part from the beginning stands for; the last rows are all the same. */
const { points, labels } = (() => {
  const random = new CounterRandom(5, STREAM.test);
  const centres = [
    [-40, 3],
    [5, 0.1],
    [90, -7],
  ];
  const all = Float64Array.from({ length: 2 * ROWS }, (_, i) => {
    const cluster = Math.floor((3 * i) / (2 * ROWS));
    return centres[cluster][i % 2] + 0.3 * random.normal(i);
  });
  all.fill(-0, 2 * ROWS - 20);
  all.fill(0, 2 * ROWS - 10);
  return {
    points: all,
    labels: Uint32Array.from({ length: ROWS }, (_, row) => Math.floor((3 * row) / ROWS)),
  };
})();
const base = Float64Array.from(points, (value, i) => Math.sin(value) + (i % 7));

/** A seeded permutation of the rows. */
function shuffled(seed: number, rows = ROWS): Uint32Array {
  const random = new CounterRandom(seed, STREAM.test, 1);
  const order = Uint32Array.from({ length: rows }, (_, row) => row);
  for (let i = 0; i < rows - 1; i++) {
    const other = i + random.integer(i, rows - i);
    [order[i], order[other]] = [order[other], order[i]];
  }
  return order;
}

function written(name: string, values: Float64Array, order: Uint32Array, own?: Uint32Array): string {
  const file = folder(name);
  const rows = order.length;
  writeFileSync(file, encodeCsv(orderedRows(values, 2, order), rows, 2, own && orderedRows(own, 1, order)));
  return file;
}

const bits = (values: Float64Array | Uint32Array) => Buffer.from(values.buffer).toString('base64');

describe.each(familyNames)('%s', (family) => {
  it('has the same config for any order of rows', () => {
    const config = (order: Uint32Array) => {
      const rows = orderedRows(points, 2, order);
      const transform = defaultTransform(rows, 2, false);
      const data = { name: 'own', rows: ROWS, dim: 2, ambient: 0, classes: 0, digest: '' };
      return JSON.stringify(runConfig({ family, data, transform, scale: dataScale(rows, transform) }));
    };
    const wanted = config(Uint32Array.from({ length: ROWS }, (_, row) => row));
    for (const seed of SEEDS) expect(config(shuffled(seed))).toBe(wanted);
    // Without a transform the spread decides.
    const scale = (order: Uint32Array) =>
      dataScale(orderedRows(points, 2, order), { offset: [0, 0], scale: 1 });
    for (const seed of SEEDS)
      expect(scale(shuffled(seed))).toEqual(dataScale(points, { offset: [0, 0], scale: 1 }));
  });

  it('trains on the same rows, with their labels and their base', () => {
    const run = (seed: number, coupling: string) => {
      const order = seed === 0 ? Uint32Array.from({ length: ROWS }, (_, row) => row) : shuffled(seed);
      const data = written(`${family}-${seed}.csv`, points, order, labels);
      const paired = coupling === 'paired';
      // A base that is not paired has an order of its own.
      const own = paired || seed === 0 ? order : shuffled(seed + 100);
      const source = written(`${family}-${seed}-base.csv`, base, own);
      writeFileSync(folder('config.json'), JSON.stringify({ interpolant: { coupling } }));
      const takesBase = /flow-matching$|stochastic-interpolant/.test(family);
      const { config, dataset } = configOf({
        ...{ family, data, conditional: true, backend: 'cpu' },
        ...(takesBase ? { base: source, config: folder('config.json') } : {}),
      });
      const named = JSON.stringify(config).replaceAll(`${family}-${seed}`, 'file');
      return { named, dataset, config };
    };
    for (const coupling of ['independent', 'paired']) {
      const wanted = run(0, coupling);
      for (const seed of SEEDS) {
        const got = run(seed, coupling);
        expect(got.named).toBe(wanted.named);
        for (const part of ['points', 'labels', 'base'] as const) {
          const [mine, theirs] = [got.dataset[part], wanted.dataset[part]];
          expect(mine && bits(mine)).toBe(theirs && bits(theirs));
        }
        // The run goes on with a file that is sorted anew, for it is the same.
        const { config } = wanted;
        const { file, base: source } = got.config.data;
        const data = { ...config.data, ...(file ? { file } : {}), ...(source ? { base: source } : {}) };
        const renamed = { ...config, data };
        expect(bits(datasetOf(renamed).points)).toBe(bits(wanted.dataset.points));
      }
    }
  });
});

describe('rows that belong together', () => {
  it('stay together, and another pairing is other data', () => {
    const identity = Uint32Array.from({ length: ROWS }, (_, row) => row);
    writeFileSync(folder('config.json'), JSON.stringify({ interpolant: { coupling: 'paired' } }));
    const run = (source: Uint32Array) =>
      configOf({
        ...{ data: written('a.csv', points, identity, labels), config: folder('config.json') },
        ...{ base: written('b.csv', base, source), backend: 'cpu' },
      });
    const { config, dataset } = run(identity);
    const partner = new Map(
      Array.from(identity, (row) => [`${points[2 * row]} ${points[2 * row + 1]}`, base[2 * row]] as const),
    );
    const { offset, scale } = config.transform;
    for (let row = 0; row < ROWS; row += 7) {
      const [x, y] = dataset.points.subarray(2 * row, 2 * row + 2);
      if (x === 0 && y === 0) continue;
      const own = (dataset.base as Float64Array)[2 * row] * scale + offset[0];
      expect(own).toBeCloseTo(partner.get(`${x} ${y}`) as number, 9);
    }
    const other = run(shuffled(9)).config;
    expect(other.data.digest).not.toBe(config.data.digest);
    // config's base file has just been written anew, in another order.
    expect(() => datasetOf(config)).toThrow(/have changed since the run began/);
  });

  it('of which one has changed are noticed', () => {
    const identity = Uint32Array.from({ length: ROWS }, (_, row) => row);
    const spec = { data: written('c.csv', points, identity), base: written('d.csv', base, identity) };
    const { config } = configOf({ ...spec, backend: 'cpu' });
    written(
      'd.csv',
      base.map((value, i) => (i === 17 ? value + 1e-9 : value)),
      identity,
    );
    expect(() => datasetOf(config)).toThrow(/the base points of .*d\.csv have changed/);
  });
});

describe('runs from before the order was fixed', () => {
  it('go on with their file in its own order, and with no other', () => {
    const order = shuffled(4);
    const data = written('old.csv', points, order, labels);
    const { config } = configOf({ data, conditional: true, backend: 'cpu' });
    const hash = createHash('sha256');
    const [rows, own] = [orderedRows(points, 2, order), orderedRows(labels, 1, order)];
    for (const { buffer } of [rows, own]) hash.update(new Uint8Array(buffer));
    const old = { ...config, data: { ...config.data, digest: hash.digest('hex') } };
    expect(bits(datasetOf(old).points)).toBe(bits(rows));
    written('old.csv', points, shuffled(5), labels);
    expect(() => datasetOf(old)).toThrow(/have changed since the run began/);
    expect(() => datasetOf(config)).not.toThrow();
  });
});

describe('known distributions', () => {
  it.each(['corridor', '8gaussians'])('keep their order, for it follows from the seed: %s', (name) => {
    const { points: drawn } = trainingSet(distributionByName(name), 50, 3);
    const { dataset } = configOf({ data: name, rows: 50, seed: 3, backend: 'cpu' });
    expect(dataset.points).toEqual(drawn);
    expect(canonicalOrder([{ values: drawn, dim: 2 }])).not.toEqual(
      Uint32Array.from({ length: 50 }, (_, row) => row),
    );
  });
});
