import {
  batchDraw,
  DRAW_COLUMNS,
  interpolantDraw,
  PAIRING_ID,
  TIME_SAMPLING_ID,
} from '../backend/contracts/draw.js';
import { type DeviceArray, SLICE_ALIGNMENT } from '../backend/kernel.js';
import type { Trace } from '../backend/trace.js';
import { seedKey } from '../random/random.js';
import type { InterpolantConfig } from './config.js';
import type { Head } from './heads.js';
import { recordCoupling } from './minibatch_coupling.js';
import type { Schedule } from './schedule.js';
import { timeTable } from './time_table.js';

/** What a step's batch leaves on the device for the networks. */
export interface Batch {
  /** [batch, dim], as the network sees it */
  readonly x: DeviceArray;
  /** [batch] */
  readonly t: DeviceArray;
  /** [batch] */
  readonly label: DeviceArray;
  /** [batch, dim] each */
  readonly targets: ReadonlyMap<Head, DeviceArray>;
  /** [batch] each; null where all weights are 1 */
  readonly weights: ReadonlyMap<Head, DeviceArray> | null;
  /** [1], of an entropic coupling; see {@link recordCoupling} */
  readonly marginalError: DeviceArray | null;
}

/** What batches are drawn from, and how. */
export interface BatchOptions {
  /** Rows of a batch. */
  readonly batch: number;
  readonly seed: number;
  /** Classes that the networks are told; 0 for none. */
  readonly classes: number;
  readonly labelDropout: number;
  readonly clock: DeviceArray;
  /** In the network's coordinates; the base is null for noise. */
  readonly source: {
    readonly dim: number;
    readonly rows: number;
    readonly points: Float64Array;
    readonly labels: Uint32Array;
    readonly base: Float64Array | null;
  };
  /** The path and γ: the config's, or the caller's own. */
  readonly schedule: Schedule;
  /** Puts numbers on the device for as long as batches are drawn. */
  upload(values: ArrayLike<number>, label: string, dtype?: 'float' | 'u32'): DeviceArray;
}

/** E|x1 − x0|² of a data row and a base row, or a standard normal, that are drawn independently. */
function meanSquaredDistance(points: Float64Array, rows: number, dim: number): number {
  const sourceRows = points.length / dim - rows;
  let sum = 0;
  for (let j = 0; j < dim; j++) {
    const moments = (first: number, count: number) => {
      let [mean, square] = [0, 0];
      for (let row = first; row < first + count; row++) {
        mean += points[row * dim + j] / count;
        square += points[row * dim + j] ** 2 / count;
      }
      return { mean, square };
    };
    const data = moments(0, rows);
    const base = sourceRows > 0 ? moments(rows, sourceRows) : { mean: 0, square: 1 };
    sum += data.square + base.square - 2 * data.mean * base.mean;
  }
  return sum;
}

/** Cells of the time table, so that no product of a draw and them passes 2³². */
const cellsFor = (cells: number, draws: number): number =>
  Math.max(1, Math.min(cells, Math.floor((2 ** 32 - 1) / draws)));

/** Puts a run's data on the device and records the draw of its batches. */
export function recordBatch(trace: Trace, interpolant: InterpolantConfig, options: BatchOptions): Batch {
  const { batch, seed, classes, labelDropout, clock, source, schedule, upload } = options;
  const { dim, rows } = source;
  const { heads } = interpolant;
  const antithetic = interpolant.antithetic ? 1 : 0;
  const draws = antithetic ? batch / 2 : batch;
  const sourceRows = (source.base?.length ?? 0) / dim;
  const all = new Float64Array((rows + sourceRows) * dim);
  all.set(source.points);
  if (source.base) all.set(source.base, rows * dim);
  const data = upload(all, 'training points');
  const label = upload(source.labels, 'training labels', 'u32');
  const cells = cellsFor(interpolant.timeCells, draws);
  const table = upload(timeTable(interpolant, cells, schedule), 'time table');

  const x = trace.temporary(batch * dim, 'x_t');
  const t = trace.temporary(batch, 't');
  const drawnLabel = trace.temporary(batch, 'labels', 'u32');
  const draw = trace.temporary(batch * DRAW_COLUMNS, 'draw', 'u32');
  const weightStride = Math.ceil(batch / SLICE_ALIGNMENT) * SLICE_ALIGNMENT;
  const weight = trace.temporary((heads.length - 1) * weightStride + batch, 'loss weights');
  const targets = heads.map((head) => trace.temporary(batch * dim, `${head} target`));
  const [seedLow, seedHigh] = seedKey(seed);
  const key = { seedLow, seedHigh, batch };
  trace.call(
    batchDraw,
    { clock, label, table, draw, drawnLabel, t, weight },
    {
      ...key,
      rows,
      sourceRows,
      cells,
      timeSampling: TIME_SAMPLING_ID[interpolant.timeSampling],
      antithetic,
      epochs: interpolant.batching === 'epochs' ? 1 : 0,
      pairing: PAIRING_ID[interpolant.coupling === 'paired' ? 'paired' : 'independent'],
      classes,
      labelDropout,
      heads: heads.length,
      weightStride,
    },
  );
  const { coupling, couplingRegularisation: regularisation, couplingIterations: iterations } = interpolant;
  const coupled =
    coupling === 'ot' || coupling === 'sinkhorn'
      ? recordCoupling(
          trace,
          { kind: coupling, regularisation, iterations, withinClass: classes > 0 },
          {
            ...{ seed, draws, dim, rows, sourceRows, antithetic: interpolant.antithetic },
            costScale: meanSquaredDistance(all, rows, dim),
          },
          { clock, data, label, draw },
        )
      : null;
  trace.call(
    interpolantDraw,
    {
      clock,
      data,
      table,
      draw,
      pair: coupled?.pair ?? draw,
      x,
      first: targets[0],
      second: targets[1] ?? trace.temporary(1, 'no second target'),
    },
    { ...key, dim, rows, sourceRows, cells, antithetic, coupled: coupled ? 1 : 0, heads: heads.length },
  );
  const byHead = <T>(of: (h: number) => T) => new Map(heads.map((head, h) => [head, of(h)]));
  return {
    x,
    t,
    label: drawnLabel,
    targets: byHead((h) => targets[h]),
    weights: interpolant.weighting === 'none' ? null : byHead((h) => weight.slice(h * weightStride, batch)),
    marginalError: coupled?.marginalError ?? null,
  };
}
