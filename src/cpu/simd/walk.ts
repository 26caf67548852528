/**
 * How threads walk a program together. A program is a list of operations in shared memory; each thread goes
 * through all of it, takes its part of each and meets the others at a barrier wherever the next operation
 * needs what another thread has done.
 */

/** A kernel's export: descriptor, first item, end item, scratch; see `assembly/common.ts`. */
export type Kernel = (descriptor: number, start: number, end: number, scratch: number) => void;

/** The names of a module's kernels, in the order in which programs number them. */
export function kernelNames(module: WebAssembly.Module): string[] {
  return WebAssembly.Module.exports(module)
    .filter(({ kind }) => kind === 'function')
    .map(({ name }) => name)
    .sort();
}

/** Words of the block that all threads of an engine share. */
export const CONTROL = {
  /** Counts runs; idle workers wait for it to change. */
  job: 0,
  program: 1,
  times: 2,
  arrived: 3,
  phase: 4,
  sleepers: 5,
  /** Set by a worker that cannot go on. */
  failed: 6,
} as const;

export const CONTROL_WORDS = 16;

/** Bytes of scratch a thread, see the kernels' own layouts. */
export const SCRATCH_BYTES = 256 * 1024;

/**
 * Kinds of operations, six words each: kind, four arguments, and whether a barrier comes first.
 * - `split`: kernel, descriptor, items, grain: each thread takes a run of items that starts at a multiple of
 *   the grain.
 * - `rows`: count, rows, tile, grain: the next `count` operations (kernel, descriptor, items a row) run one after
 *   another on a tile of rows before the next tile is begun, so that what one writes is still in the cache
 *   when the next reads it.
 * - `host`: a reference kernel, by number, on the thread that has the host's views.
 */
export const OP = { split: 0, rows: 1, host: 2 } as const;

export const OP_WORDS = 6;

/** A program's first words: operations of the prologue, which run once, and of the body. */
export const HEADER = { prologue: 0, body: 1, words: 2 } as const;

/** A run of items for a thread, a multiple of the grain but for the last. */
function share(items: number, grain: number, part: number, parts: number): number {
  return Math.min(items, Math.floor((Math.ceil(items / grain) * part) / parts) * grain);
}

export interface Walker {
  readonly words: Int32Array;
  readonly kernels: readonly Kernel[];
  readonly part: number;
  readonly parts: number;
  readonly scratch: number;
  readonly host: (index: number) => void;
}

/** Yields the phase that a thread has to see ended before it may go on. */
export function* walk(
  walker: Walker,
  control: Int32Array,
  program: number,
  times: number,
): Generator<number, void, void> {
  const { words, part, parts } = walker;
  const base = program >> 2;
  const prologue = words[base + HEADER.prologue];
  const end = prologue + words[base + HEADER.body];
  for (let round = 0; round < times; round++) {
    for (let op = round === 0 ? 0 : prologue; op < end; ) {
      const at = base + HEADER.words + op * OP_WORDS;
      if (words[at + 5] !== 0 && parts > 1) {
        const phase = arrive(control, parts);
        if (phase >= 0) yield phase;
      }
      op += execute(walker, at, part, parts);
    }
    if (parts > 1) {
      const phase = arrive(control, parts);
      if (phase >= 0) yield phase;
    }
  }
}

/** Runs a thread's part of one operation; returns how many operations that were. */
function execute({ words, kernels, scratch, host }: Walker, at: number, part: number, parts: number): number {
  const kind = words[at];
  if (kind === OP.split) {
    const items = words[at + 3];
    const grain = words[at + 4];
    const start = share(items, grain, part, parts);
    const end = share(items, grain, part + 1, parts);
    if (start < end) kernels[words[at + 1]](words[at + 2], start, end, scratch);
    return 1;
  }
  if (kind === OP.host) {
    if (part === 0) host(words[at + 1]);
    return 1;
  }
  const count = words[at + 1];
  const rows = words[at + 2];
  const tile = words[at + 3];
  const stop = share(rows, words[at + 4], part + 1, parts);
  for (let row = share(rows, words[at + 4], part, parts); row < stop; row += tile) {
    const end = Math.min(stop, row + tile);
    for (let k = 1; k <= count; k++) {
      const inner = at + k * OP_WORDS;
      const unit = words[inner + 3];
      kernels[words[inner + 1]](words[inner + 2], row * unit, end * unit, scratch);
    }
  }
  return 1 + count;
}

/** Arrives at a barrier; returns the phase to wait for, or −1 for the last thread, which ends it. */
function arrive(control: Int32Array, parts: number): number {
  const phase = Atomics.load(control, CONTROL.phase);
  if (Atomics.add(control, CONTROL.arrived, 1) < parts - 1) return phase;
  Atomics.store(control, CONTROL.arrived, 0);
  Atomics.add(control, CONTROL.phase, 1);
  if (Atomics.load(control, CONTROL.sleepers) > 0) Atomics.notify(control, CONTROL.phase);
  return -1;
}

/** Spins for a moment; returns whether the phase has ended. */
export function spin(control: Int32Array, phase: number, turns: number): boolean {
  for (let i = 0; i < turns; i++) if (Atomics.load(control, CONTROL.phase) !== phase) return true;
  return false;
}

/** Sleeps until the phase ends or the time is up; not on a page's main thread. */
export function sleep(control: Int32Array, phase: number, milliseconds: number): void {
  Atomics.add(control, CONTROL.sleepers, 1);
  Atomics.wait(control, CONTROL.phase, phase, milliseconds);
  Atomics.sub(control, CONTROL.sleepers, 1);
}
