import { broadcastTime, solverUpdate, UPDATE_COLUMNS } from '../backend/contracts/solver.js';
import type { DeviceArray } from '../backend/kernel.js';
import type { Trace } from '../backend/trace.js';
import type { Model } from '../model/model.js';
import type { ParameterSource } from '../nn/parameters.js';
import { Tape } from '../nn/tape.js';
import { STREAM, seedKey } from '../random/random.js';
import { type Block, blockColumn, SLOPES_A_LAUNCH, type SolverTable } from './table.js';

/** What one step of a sampler works on. */
export interface StepArrays {
  readonly clock: DeviceArray;
  /** The table's rows. */
  readonly rows: DeviceArray;
  /** [particles, dim] */
  readonly x: DeviceArray;
  /** [particles]; null for an unconditional model */
  readonly label: DeviceArray | null;
  /** [particles] filled with "no label"; only where guidance asks for it */
  readonly unlabelled: DeviceArray | null;
  /** [particles, dim] what the step before has kept; only where a table keeps */
  readonly previous: DeviceArray | null;
}

/** Records the row at the clock of a solver's table, network by network and update by update. */
export class StepRecorder {
  private readonly tape: Tape;
  private readonly outputs: DeviceArray[] = [];
  private readonly n: number;

  constructor(
    private readonly trace: Trace,
    private readonly model: Model,
    private readonly parameters: ParameterSource,
    private readonly table: SolverTable,
    private readonly seed: number,
    private readonly tile: number,
    private readonly arrays: StepArrays,
  ) {
    this.tape = new Tape(trace);
    this.n = tile * model.network.dim;
  }

  /** All evaluations of the step; their outputs are the slopes of later blocks. */
  evaluate(): void {
    const { trace, table, arrays, tile, n, model } = this;
    const { dim } = model.network;
    const points: DeviceArray[] = [];
    table.evaluations.forEach(({ head, unlabelled, samePoint, atX }, s) => {
      let point = arrays.x;
      if (samePoint !== null) point = points[samePoint];
      else if (!atX) {
        point = trace.temporary(n, 'stage point');
        this.update({ kind: 'point', evaluation: s }, point);
      }
      points.push(point);
      const t = trace.temporary(tile, 't');
      trace.call(
        broadcastTime,
        { clock: arrays.clock, table: arrays.rows, t },
        { batch: tile, stride: table.stride, column: s },
      );
      const output = model
        .net(table.heads[head])
        .forward(
          this.tape,
          this.parameters,
          this.tape.constant(point, tile, dim),
          this.tape.constant(t, tile, 1),
          unlabelled ? arrays.unlabelled : arrays.label,
        );
      this.outputs.push(output.data);
    });
  }

  /**
   * Writes a block's combination into `target`.
   * @param own what the combination's x is; the particles if not given. A result is made in place.
   */
  update(block: Block, target: DeviceArray, own: DeviceArray = this.arrays.x): void {
    const { table, arrays, n, model } = this;
    const slopes = [...this.outputs, ...(arrays.previous ? [arrays.previous] : [])];
    const [seedLow, seedHigh] = seedKey(this.seed);
    const column = blockColumn(table, block);
    const inPlace = block.kind === 'result';
    // Something must be bound to what there is none of, and it must not be what is written.
    const spare = own === target ? (slopes[0] ?? arrays.x) : own;
    for (let launch = 0; launch < table.launches; launch++) {
      const k = (s: number) => slopes[launch * SLOPES_A_LAUNCH + s] ?? spare;
      const from = (s: number) => (k(s) === target ? spare : k(s));
      this.trace.call(
        solverUpdate,
        {
          clock: arrays.clock,
          table: arrays.rows,
          x: inPlace ? spare : own,
          ...{ k1: from(0), k2: from(1), k3: from(2), k4: from(3) },
          y: target,
        },
        {
          ...{ seedLow, seedHigh, stream: STREAM.brownian, n, dim: model.network.dim, stride: table.stride },
          column: column + launch * UPDATE_COLUMNS,
          accumulate: inPlace || launch > 0 ? 1 : 0,
        },
      );
    }
  }

  /** The whole step in place. */
  step(): void {
    const { trace, table, arrays, n } = this;
    this.evaluate();
    const kept = table.keeps ? trace.temporary(n, 'kept for the next step') : null;
    if (kept) this.update({ kind: 'kept' }, kept);
    this.update({ kind: 'result' }, arrays.x);
    if (kept && arrays.previous) this.update({ kind: 'copy' }, arrays.previous, kept);
  }
}
