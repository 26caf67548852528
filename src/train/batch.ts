import type { Backend } from '../backend/backend.js';
import {
  batchDraw,
  DRAW_COLUMNS,
  interpolantDraw,
  PAIRING_ID,
  TIME_SAMPLING_ID,
} from '../backend/contracts/draw.js';
import { type DeviceArray, SLICE_ALIGNMENT } from '../backend/kernel.js';
import type { Trace } from '../backend/trace.js';
import type { Dataset } from '../data/dataset.js';
import { badInput } from '../errors.js';
import { scheduleOf } from '../interpolant/config.js';
import type { Head } from '../interpolant/heads.js';
import type { Schedule } from '../interpolant/schedule.js';
import { timeTable } from '../interpolant/time_table.js';
import { recordCoupling } from '../nn/coupling.js';
import { seedKey } from '../random/random.js';
import type { RunConfig } from './config.js';

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
  /** What the caller frees. */
  readonly owned: readonly DeviceArray[];
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

/**
 * Puts a run's data on the device and records the draw of its batches.
 * @param dataset as given; the config's transform is applied here
 * @param own a schedule of the user's, in place of the config's
 */
export function recordBatch(
  trace: Trace,
  engine: Backend,
  config: RunConfig,
  dataset: Dataset,
  clock: DeviceArray,
  own?: Schedule,
): Batch {
  const { batch, interpolant, seed, transform } = config;
  const { dim, rows } = config.data;
  const { heads } = interpolant;
  const antithetic = interpolant.antithetic ? 1 : 0;
  const draws = antithetic ? batch / 2 : batch;
  const sourceRows = dataset.base ? dataset.base.length / dim : 0;
  if (sourceRows !== (config.data.base?.rows ?? 0))
    badInput(
      `the config describes ${config.data.base?.rows ?? 0} base points, the data set holds ${sourceRows}`,
    );

  const data = engine.allocate((rows + sourceRows) * dim, 'training points');
  const all = new Float64Array((rows + sourceRows) * dim);
  const { offset, scale } = transform;
  for (let i = 0; i < rows * dim; i++) all[i] = (dataset.points[i] - offset[i % dim]) / scale;
  // Base points are in the network's own coordinates where a model made them, and in the data's where a user did.
  if (dataset.base) all.set(dataset.base, rows * dim);
  engine.write(data, all);
  const label = engine.allocate(rows, 'training labels', 'u32');
  engine.write(label, dataset.labels);
  const cells = cellsFor(interpolant.timeCells, draws);
  const values = timeTable(interpolant, cells, own ?? scheduleOf(interpolant));
  const table = engine.allocate(values.length, 'time table');
  engine.write(table, values);

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
      classes: config.network.classes,
      labelDropout: config.labelDropout,
      heads: heads.length,
      weightStride,
    },
  );
  const { coupling, couplingRegularisation: regularisation, couplingIterations: iterations } = interpolant;
  const coupled =
    coupling === 'ot' || coupling === 'sinkhorn'
      ? recordCoupling(
          trace,
          { kind: coupling, regularisation, iterations, withinClass: config.network.classes > 0 },
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
    owned: [data, label, table],
  };
}
