import type { Backend } from '../backend/backend.js';
import { fill } from '../backend/contracts/combine.js';
import type { DeviceArray } from '../backend/kernel.js';
import { badInput } from '../errors.js';
import { joinColumns, takeColumns } from '../nn/ops/rows.js';
import type { Tape, Tensor } from '../nn/tape.js';

/** Particles that are drawn in one go, and what of them is looked at. */
interface Looked {
  /** Particles. */
  readonly count: number;
  /** Their coordinates. */
  readonly dim: number;
  /** States after the first. */
  readonly steps: number;
  /** Particles that are drawn together. */
  readonly tile: number;
}

/** The particles of a recorded generator, step by step: drawn in one go, and then one state after the other is shown. */
export class RecordedSteps {
  /** [count, dim] each: what the particles are drawn from, the states on the way, the samples. */
  private readonly states: readonly DeviceArray[];
  /** Steps shown; null before they are drawn. */
  private at: number | null = null;
  /** [count, dim] as they are now. */
  readonly particles: DeviceArray;

  /** @param draw gives the states of particles `first` … `first + count`, [count, dim] each */
  constructor(
    private readonly engine: Backend,
    private readonly looked: Looked,
    private readonly draw: (
      first: number,
      count: number,
      labels: Uint32Array | undefined,
    ) => Promise<readonly DeviceArray[]>,
  ) {
    const { count, dim, steps } = looked;
    const states = [];
    for (let s = 0; s <= steps; s++) states.push(engine.allocate(count * dim, `particles after step ${s}`));
    this.states = states;
    this.particles = engine.allocate(count * dim, 'particles');
  }

  /** Draws all of them, and shows what they are drawn from. @param labels [count] of a conditional model */
  async begin(labels: Uint32Array | undefined): Promise<void> {
    const { engine, states } = this;
    const { count, dim, tile } = this.looked;
    this.at = null;
    for (let first = 0; first < count; first += tile) {
      const rows = Math.min(tile, count - first);
      const drawn = await this.draw(first, rows, labels);
      states.forEach((state, s) => {
        engine.copy(drawn[s], state.slice(first * dim, rows * dim));
      });
    }
    engine.copy(states[0], this.particles);
    this.at = 0;
  }

  /** @throws TributaryError('bad-input') before `begin`, and for steps beyond the last */
  advance(steps: number): void {
    const { at } = this;
    if (at === null) badInput('the particles are not at a start: call begin() before advance()');
    const left = this.looked.steps - at;
    if (!Number.isInteger(steps) || steps < 1 || steps > left)
      badInput(`steps to take is ${steps}; ${left} of ${this.looked.steps} are left`);
    this.at = at + steps;
    this.engine.copy(this.states[this.at], this.particles);
  }

  destroy(): void {
    for (const array of [...this.states, this.particles]) this.engine.free(array);
  }
}

/**
 * What rows are drawn from, as a point of as many coordinates as the samples have: the first numbers that were drawn for
 * each, and 0 where there were fewer.
 */
export function startOf(tape: Tape, drawn: readonly Tensor[], rows: number, dim: number): Tensor {
  const parts: Tensor[] = [];
  let missing = dim;
  for (const one of drawn) {
    if (missing === 0) break;
    const cols = Math.min(one.cols, missing);
    parts.push(cols === one.cols ? one : takeColumns(tape, one, 0, cols));
    missing -= cols;
  }
  if (missing > 0) {
    const zeros = tape.result(rows, missing, 'zeros', false);
    tape.trace.call(fill, { y: zeros.data }, { n: rows * missing, value: 0, accumulate: 0 });
    parts.push(zeros);
  }
  return parts.length === 1 ? parts[0] : joinColumns(tape, parts);
}
