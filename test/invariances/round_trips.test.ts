/** What `sample` writes is what `sample --start` reads: data → noise → data and noise → data → noise are the identity. */
import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadPoints, savePoints } from '../../src/cli/points.js';
import { AmbientLift } from '../../src/data/ambient.js';
import { distributionByName } from '../../src/data/registry.js';
import { encodeCsv } from '../../src/formats/csv_write.js';
import { decodeNpy } from '../../src/formats/npy.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { command } from '../cli/in_process.js';
import { temporaryFolder } from '../cli/run.js';

const folder = temporaryFolder();
const N = 40;
const random = new CounterRandom(2, STREAM.test);
const [MEAN, DEVIATION] = [[20, -7], 3];
const own = Float64Array.from({ length: 400 }, (_, i) => MEAN[i % 2] + DEVIATION * random.normal(i));
const labels = Uint32Array.from({ length: 200 }, (_, row) => (row % 3 === 0 ? 7 : 0));
const tiny = ['--steps', '12', '--batch', '32', '--hidden', '8', '--seed', '3'];
const OWN = folder('own.csv');

/** Runs by what is special about their units, and how many columns their files have. */
const RUNS: Readonly<
  Record<string, { readonly train: readonly string[]; readonly data: () => Float64Array }>
> = {
  'own points': { train: ['--data', OWN], data: () => own.slice(0, 2 * N) },
  'a known distribution': { train: ['--data', 'moons'], data: () => known('moons') },
  'own points from a base of their own': {
    train: ['--data', OWN, '--base', folder('base.csv'), '--family', 'stochastic-interpolant'],
    data: () => own.slice(0, 2 * N),
  },
  'own points from a known base': {
    train: ['--data', OWN, '--base', 'moons'],
    data: () => own.slice(0, 2 * N),
  },
  'own points with labels': {
    train: ['--data', folder('labelled.csv'), '--conditional'],
    data: () => own.slice(0, 2 * N),
  },
  'a lifted distribution': {
    train: ['--data', 'moons', '--ambient', '6'],
    data: () => new AmbientLift(2, 6, 3).lift(known('moons')),
  },
};

const known = (name: string) => distributionByName(name).sample(N, 9).points;

async function run(words: readonly string[]): Promise<void> {
  const { code, stderr } = await command(words);
  expect(code, stderr).toBe(0);
}

const sample = (name: string, ...words: string[]) =>
  run(['sample', folder(name), '--solver', 'rk4', '--steps', '60', ...words]);

function away(a: Float64Array, b: Float64Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

/** Float32's rounding over the steps, in the units of the widest data, and the solver's own error on a few steps' network. */
const TOLERANCE = 2e-3;

beforeAll(async () => {
  writeFileSync(OWN, encodeCsv(own, 200, 2));
  writeFileSync(folder('labelled.csv'), encodeCsv(own, 200, 2, labels));
  writeFileSync(
    folder('base.csv'),
    encodeCsv(
      own.map((value) => value / 2 + 4),
      200,
      2,
    ),
  );
  for (const [name, { train }] of Object.entries(RUNS))
    await run(['train', ...tiny, ...train, '--out', folder(name)]);
});

describe.each(Object.keys(RUNS))('%s', (name) => {
  const labelled = name.includes('labels');
  const { data } = RUNS[name];

  it.each(['npy', 'csv'])('data → noise → data, through .%s', async (ending) => {
    const points = data();
    const dim = points.length / N;
    const [x, z, back] = ['x', 'z', 'back'].map((file) => folder(`${name}-${file}.${ending}`));
    const shown = labelled ? { labels: labels.slice(0, N) } : {};
    savePoints(x, { points, dim, rows: N, ...shown });
    await sample(name, '--backward', '--start', x, '--out', z);
    const noise = loadPoints(z);
    expect(noise.dim).toBe(dim);
    if (labelled) expect(noise.labels).toEqual(shown.labels);
    await sample(name, '--start', z, '--out', back, ...(name.includes('lifted') ? ['--full'] : []));
    expect(away(loadPoints(back).points, points)).toBeLessThan(TOLERANCE);
  });

  it('noise → data → noise, and the frames between in the same units', async () => {
    const [first, z, x, back] = ['first', 'z2', 'x2', 'back2'].map((file) => folder(`${name}-${file}.npy`));
    // Any noise does: that of a backward run.
    savePoints(first, {
      ...{ points: data(), dim: data().length / N, rows: N },
      ...(labelled ? { labels: labels.slice(0, N) } : {}),
    });
    const full = name.includes('lifted') ? ['--full'] : [];
    await sample(name, '--backward', '--start', first, '--out', z);
    await sample(name, '--start', z, '--out', x, '--frames', '4', ...full);
    await sample(name, '--backward', '--start', x, '--out', back);
    const noise = loadPoints(z).points;
    expect(away(loadPoints(back).points, noise)).toBeLessThan(TOLERANCE);
    const frames = decodeNpy(readFileSync(x.replace('.npy', '.frames.npy')), 'frames');
    expect(frames.shape).toEqual([5, N, noise.length / N]);
    const values = Float64Array.from(frames.data as Float64Array);
    expect(away(values.slice(0, noise.length), noise)).toBeLessThan(1e-5);
    expect(away(values.slice(-noise.length), loadPoints(x).points)).toBeLessThan(1e-5);
  });
});

describe('the units of noise', () => {
  it('are those of the data: a run from its own base starts around their mean, as widely as they spread', async () => {
    await sample('own points', '--n', '2000', '--frames', '1', '--out', folder('wide.npy'));
    const { data } = decodeNpy(readFileSync(folder('wide.frames.npy')), 'frames');
    const start = Float64Array.from(data as Float64Array).slice(0, 4000);
    for (const axis of [0, 1]) {
      const values = start.filter((_, i) => i % 2 === axis);
      const mean = values.reduce((sum, value) => sum + value / 2000, 0);
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2 / 2000, 0));
      expect(Math.abs(mean - MEAN[axis])).toBeLessThan(0.5);
      expect(Math.abs(deviation - DEVIATION)).toBeLessThan(0.4);
    }
  });

  it('of a lifted distribution fill all dimensions, and its data lie in their plane', async () => {
    const name = 'a lifted distribution';
    const plane = known('moons');
    savePoints(folder('plane.npy'), { points: plane, dim: 2, rows: N });
    await sample(name, '--backward', '--start', folder('plane.npy'), '--out', folder('plane-z.npy'));
    expect(loadPoints(folder('plane-z.npy')).dim).toBe(6);
    await sample(name, '--start', folder('plane-z.npy'), '--out', folder('plane-back.npy'));
    expect(away(loadPoints(folder('plane-back.npy')).points, plane)).toBeLessThan(TOLERANCE);
    const { code, stderr } = await command(['sample', folder(name), '--start', folder('plane.npy')]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/2 columns; noise fills all 6 dimensions/)]);
  });

  it('take labels where the model does: none are guessed for data', async () => {
    savePoints(folder('bare.npy'), { points: own.slice(0, 2 * N), dim: 2, rows: N });
    const words = ['sample', folder('own points with labels'), '--backward', '--start', folder('bare.npy')];
    const { code, stderr } = await command([...words, '--out', folder('bare-z.npy')]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/runs from data to noise by their labels: give one/),
    ]);
    await run([...words, '--label', '7', '--out', folder('bare-z.npy')]);
  });
});
