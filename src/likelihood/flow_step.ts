import { clockAdvance } from '../backend/contracts/optimizer.js';
import { broadcastTime, solverUpdate } from '../backend/contracts/solver.js';
import type { DeviceArray } from '../backend/kernel.js';
import { Trace } from '../backend/trace.js';
import { STREAM } from '../random/random.js';
import type { FlowEvaluation, FlowTable } from './flow.js';

/** What a flow with its divergence keeps on the device from step to step. */
export interface FlowArrays {
  readonly clock: DeviceArray;
  readonly rows: DeviceArray;
  readonly x: DeviceArray;
  /** [tile] −∫∇·b dt, what is added to ln ρ0 */
  readonly change: DeviceArray;
  readonly probe: DeviceArray | null;
  readonly label: DeviceArray | null;
  readonly noLabel: DeviceArray | null;
}

/**
 * Records y ← c_y y (if kept) + c_x from + Σ c_s slopes_s with coefficients from the table's row; what is not there
 * has coefficient 0 and is not read.
 */
export function tableUpdate(
  trace: Trace,
  table: FlowTable,
  tile: number,
  { clock, rows }: Pick<FlowArrays, 'clock' | 'rows'>,
) {
  return (
    column: number,
    y: DeviceArray,
    slopes: readonly DeviceArray[],
    { from, keep = false }: { from?: DeviceArray; keep?: boolean } = {},
  ): void => {
    const k = (s: number) => slopes[s] ?? slopes[0] ?? (from as DeviceArray);
    trace.call(
      solverUpdate,
      { clock, table: rows, x: from ?? k(0), k1: k(0), k2: k(1), k3: k(2), k4: k(3), y },
      {
        ...{ seedLow: 0, seedHigh: 0, stream: STREAM.brownian, n: y.length, dim: y.length / tile },
        ...{ stride: table.stride, column, accumulate: keep ? 1 : 0 },
      },
    );
  };
}

/** One step of the table: the stages' networks with their divergences, then both updates. */
export function flowStep(
  table: FlowTable,
  tile: number,
  dim: number,
  { clock, rows, x, change }: FlowArrays,
  evaluate: (
    trace: Trace,
    point: DeviceArray,
    t: DeviceArray,
    evaluation: FlowEvaluation,
  ) => { value: DeviceArray; divergence: DeviceArray },
): Trace {
  const trace = new Trace();
  const update = tableUpdate(trace, table, tile, { clock, rows });
  const t = trace.temporary(tile, 't');
  const values: DeviceArray[] = [];
  const divergences: DeviceArray[] = [];
  for (let stage = 0; stage < table.stages; stage++) {
    const time = { batch: tile, stride: table.stride, column: table.timeColumn(stage) };
    trace.call(broadcastTime, { clock, table: rows, t }, time);
    let point = x;
    if (stage > 0 || !table.startsAtX) {
      point = trace.temporary(tile * dim, 'stage point');
      update(table.pointColumn(stage), point, values, { from: x });
    }
    const parts = table.evaluations.map((evaluation) => evaluate(trace, point, t, evaluation));
    const mixed = (own: readonly DeviceArray[]): DeviceArray => {
      if (own.length === 1) return own[0];
      const y = trace.temporary(own[0].length, 'mixture');
      update(table.mixColumn(stage), y, own);
      return y;
    };
    values.push(mixed(parts.map(({ value }) => value)));
    divergences.push(mixed(parts.map(({ divergence }) => divergence)));
  }
  update(table.stepColumn, x, values, { keep: true });
  update(table.divergenceColumn, change, divergences, { keep: true });
  trace.call(clockAdvance, { clock }, { by: 1 });
  return trace;
}
