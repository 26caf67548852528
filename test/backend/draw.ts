/** The independent checks of a batch's draw and of the interpolant's points. */
import { expect } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { caseInputs } from '../../src/backend/cases.js';
import { TIME_COLUMNS, TIME_TABLE } from '../../src/backend/contracts/draw.js';
import { contractOf } from '../../src/backend/kernels.js';
import { DEFAULT_INTERPOLANT } from '../../src/interpolant/config.js';
import { timeTable } from '../../src/interpolant/time_table.js';
import { permuted } from '../../src/random/permutation.js';
import { STREAM } from '../../src/random/random.js';
import { runKernel } from './run.js';

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;

/** One large draw of a batch, for statistics. */
async function drawBatch(backend: Backend, change: Record<string, number>, table: Float64Array, step = 12) {
  const params = {
    ...{ seedLow: 3, seedHigh: 0, batch: 1000, rows: 5, sourceRows: 0, cells: table.length / TIME_COLUMNS },
    ...{ timeSampling: 0, antithetic: 0, epochs: 0, pairing: 0, classes: 5, labelDropout: 0, heads: 1 },
    ...change,
  } as Record<string, number>;
  const { batch, rows } = params;
  const { draw, drawnLabel, t, weight } = await runKernel(
    backend,
    contractOf('batch_draw'),
    { ...params, weightStride: batch },
    {
      clock: Uint32Array.of(step, 0, 0, 0),
      label: Uint32Array.from({ length: rows }, (_, i) => i),
      table,
      draw: new Uint32Array(3 * batch),
      drawnLabel: new Uint32Array(batch),
      t: new Float64Array(batch),
      weight: new Float64Array(batch * params.heads),
    },
  );
  const column = (k: number) => Array.from({ length: batch }, (_, b) => draw[3 * b + k]);
  return { rows: column(0), bases: column(1), cells: column(2), label: drawnLabel, t, weight };
}

async function checkBatchDraw(backend: Backend): Promise<void> {
  const cells = 1000;
  const table = timeTable(DEFAULT_INTERPOLANT, cells);
  const n = 40_000;
  const error = 4 / Math.sqrt(n);

  // With replacement: times uniform, every row as often, labels dropped as often as asked for.
  const free = await drawBatch(backend, { batch: n, labelDropout: 0.25 }, table);
  expect(Math.abs(mean(free.t) - 0.5)).toBeLessThan(error * Math.sqrt(1 / 12));
  const share = (label: number) => free.label.filter((value) => value === label).length / n;
  expect(Math.abs(share(5) - 0.25)).toBeLessThan(error * Math.sqrt(0.25 * 0.75));
  for (let label = 0; label < 5; label++) expect(Math.abs(share(label) - 0.15)).toBeLessThan(error * 0.36);
  free.label.forEach((label, b) => expect(label === 5 || label === free.rows[b]).toBe(true));
  free.cells.forEach((cell, b) => expect(free.t[b]).toBe(table[cell * TIME_COLUMNS + TIME_TABLE.time]));
  expect(free.bases).toEqual(Array.from({ length: n }, (_, b) => b));

  // Stratified: one time in each of as many equal parts; low discrepancy: all at the same place of theirs.
  for (const timeSampling of [1, 2]) {
    const { cells: drawn } = await drawBatch(backend, { batch: 250, timeSampling }, table);
    drawn.forEach((cell, b) => expect(Math.floor((cell * 250) / cells)).toBe(b));
    if (timeSampling === 2)
      drawn.forEach((cell, b) => {
        expect(cell).toBe(drawn[0] + 4 * b);
      });
  }

  // Epochs: every row once before any comes again, over the ends of batches, with fewer draws a step than rows and
  // with more; and each epoch in an order of its own.
  for (const [batch, rows] of [
    [20, 101],
    [15, 5],
    [7, 16],
    [64, 100],
  ]) {
    const drawn: number[] = [];
    for (let step = 0; drawn.length < 3 * rows; step++)
      drawn.push(...(await drawBatch(backend, { batch, rows, epochs: 1, classes: rows }, table, step)).rows);
    const epochs = [0, 1, 2].map((epoch) => drawn.slice(epoch * rows, (epoch + 1) * rows));
    for (const epoch of epochs)
      expect([...epoch].sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, row) => row));
    if (rows > 5) expect(epochs[0]).not.toEqual(epochs[1]);
  }
  // The count of draws passes 2³² late in a long run: step·batch + b = e·rows + place, in whole numbers of any size.
  for (const [step, batch, rows] of [
    [2 ** 31 - 5, 1000, 1031],
    [1_234_567_891, 4096, 17],
  ]) {
    const late = await drawBatch(backend, { batch, rows, epochs: 1, classes: rows }, table, step);
    const first = BigInt(step) * BigInt(batch);
    late.rows.forEach((row, b) => {
      const count = first + BigInt(b);
      const epoch = Number((count / BigInt(rows)) & 0xffffffffn);
      expect(row).toBe(permuted(Number(count % BigInt(rows)), rows, [3, 0], STREAM.batchIndex, epoch));
    });
  }
  // A place of a permutation falls on every row alike, over epochs.
  const places = await Promise.all(
    Array.from({ length: 600 }, (_, step) =>
      drawBatch(backend, { batch: 6, rows: 6, epochs: 1, classes: 6 }, table, step),
    ),
  );
  for (let row = 0; row < 6; row++) {
    const hits = places.filter(({ rows }) => rows[0] === row).length;
    expect(Math.abs(hits / 600 - 1 / 6)).toBeLessThan((4 * Math.sqrt(5 / 36)) / Math.sqrt(600));
  }

  // Pairs share a draw; a paired base is the data row's own, an independent one any row behind the data.
  const pairs = await drawBatch(backend, { batch: 50, antithetic: 1, sourceRows: 5, pairing: 1 }, table);
  pairs.rows.forEach((row, b) => {
    expect(row).toBe(pairs.rows[b - (b % 2)]);
    expect(pairs.bases[b]).toBe(5 + row);
  });
  const source = await drawBatch(backend, { batch: 5000, sourceRows: 3 }, table);
  expect(new Set(source.bases)).toEqual(new Set([5, 6, 7]));
  const product = mean(source.bases.map((base, b) => (base - 6) * (source.rows[b] - 2)));
  expect(Math.abs(product)).toBeLessThan((4 * Math.sqrt((2 / 3) * 2)) / Math.sqrt(5000));
}

async function checkInterpolantDraw(backend: Backend): Promise<void> {
  const contract = contractOf('interpolant_draw');
  // Three runs whose tables pick out x0, x1 and z show what any table combines.
  for (const params of contract.cases) {
    const inputs = caseInputs(contract, params, 2);
    const { batch, dim, rows, sourceRows, cells, antithetic, heads } = params;
    const pick = new Float64Array(cells * TIME_COLUMNS);
    for (let cell = 0; cell < cells; cell++) {
      const at = cell * TIME_COLUMNS;
      pick[at + TIME_TABLE.x] = 1;
      pick[at + TIME_TABLE.first + 1] = 1;
      pick[at + TIME_TABLE.second + 2] = 1;
    }
    const ends = await runKernel(
      backend,
      contract,
      { ...params, heads: 2 },
      {
        ...inputs,
        table: pick,
        second: new Float64Array(batch * dim),
      },
    );
    const drawn = await runKernel(backend, contract, params, inputs);
    for (let b = 0; b < batch; b++) {
      const k = antithetic ? b >>> 1 : b;
      const [row, , cell] = inputs.draw.subarray(3 * b, 3 * b + 3);
      const giver = params.coupled ? inputs.pair[k] : k;
      const base = inputs.draw[3 * giver * (antithetic ? 2 : 1) + 1];
      for (let j = 0; j < dim; j++) {
        const at = b * dim + j;
        const [x0, x1, z] = [ends.x[at], ends.first[at], ends.second[at]];
        expect(x1).toBe(inputs.data[row * dim + j]);
        if (sourceRows) expect(x0).toBe(inputs.data[base * dim + j]);
        expect(base).toBeGreaterThanOrEqual(sourceRows ? rows : 0);
        if (antithetic && b % 2) {
          expect(z).toBe(-ends.second[at - dim]);
          expect(x0).toBe(ends.x[at - dim]);
        }
        const weigh = (column: number) => {
          const from = cell * TIME_COLUMNS + column;
          return inputs.table[from] * x0 + inputs.table[from + 1] * x1 + inputs.table[from + 2] * z;
        };
        expect(drawn.x[at]).toBeCloseTo(weigh(TIME_TABLE.x), 12);
        expect(drawn.first[at]).toBeCloseTo(weigh(TIME_TABLE.first), 12);
        if (heads > 1) expect(drawn.second[at]).toBeCloseTo(weigh(TIME_TABLE.second), 12);
      }
    }
    if (!sourceRows && batch > 200) {
      // Base and latent are independent standard normals.
      const n = ends.x.length;
      const error = 4 / Math.sqrt(n / (antithetic ? 2 : 1));
      expect(Math.abs(mean(ends.x))).toBeLessThan(error);
      expect(Math.abs(mean(ends.x.map((x) => x * x)) - 1)).toBeLessThan(error * Math.SQRT2);
      expect(Math.abs(mean(ends.second.map((z) => z * z)) - 1)).toBeLessThan(error * Math.SQRT2);
      expect(Math.abs(mean(ends.x.map((x, i) => x * Math.abs(ends.second[i]))))).toBeLessThan(error);
    }
  }
}

export const DRAW_CHECKS = { batch_draw: checkBatchDraw, interpolant_draw: checkInterpolantDraw };
