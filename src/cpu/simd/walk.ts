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
 * Kinds of operations, eight words each: kind, four arguments, whether a barrier comes first, items that a
 * thread claims at a time, and the address of the claims.
 * - `split`: kernel, descriptor, items, grain: every thread has a run of items that starts at a multiple of the
 *   grain.
 * - `rows`: count, rows, 0, grain: the next `count` operations (kernel, descriptor, items a row) run one after
 *   another on a tile of rows before the next tile is begun, so that what one writes is still in the cache
 *   when the next reads it.
 * - `host`: a reference kernel, by number, on the thread that has the host's views.
 *
 * A thread claims its own run piece by piece, then what is left of the others': one whose core is busy with
 * something else holds nobody up for long. Who computes an item never changes the result.
 */
export const OP = { split: 0, rows: 1, host: 2 } as const;

export const OP_WORDS = 8;

/**
 * A program's first words: operations of the prologue, which run once, and of the body; then where the claims
 * are and how many words they take. Who starts a run sets them to 0.
 */
export const HEADER = { prologue: 0, body: 1, claims: 2, claimWords: 3, words: 4 } as const;

/** Words from one thread's claims on an operation to the next one's: a cache line. */
export const CLAIM_WORDS = 16;

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
  const { words, parts } = walker;
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
      op += execute(walker, at, round);
    }
    if (parts > 1) {
      const phase = arrive(control, parts);
      if (phase >= 0) yield phase;
    }
  }
}

/** Runs a thread's pieces of one operation; returns how many operations that were. */
function execute(walker: Walker, at: number, round: number): number {
  const { words, part, parts } = walker;
  const kind = words[at];
  if (kind === OP.host) {
    if (part === 0) walker.host(words[at + 1]);
    return 1;
  }
  const items = kind === OP.rows ? words[at + 2] : words[at + 3];
  const chunk = words[at + 6];
  for (let k = 0; k < parts; k++) {
    const owner = (part + k) % parts;
    const start = share(items, words[at + 4], owner, parts);
    const end = share(items, words[at + 4], owner + 1, parts);
    const pieces = Math.ceil((end - start) / chunk);
    const claims = (words[at + 7] >> 2) + owner * CLAIM_WORDS;
    // Every round each thread ends with one claim too many on every run.
    const before = round * (pieces + parts);
    for (let piece = 0; ; piece++) {
      if (parts > 1) piece = Atomics.add(words, claims, 1) - before;
      if (piece >= pieces) break;
      const first = start + piece * chunk;
      compute(walker, at, first, Math.min(end, first + chunk));
    }
  }
  return kind === OP.rows ? 1 + words[at + 1] : 1;
}

/** Runs one piece of an operation. */
function compute({ words, kernels, scratch }: Walker, at: number, start: number, end: number): void {
  if (words[at] === OP.split) {
    kernels[words[at + 1]](words[at + 2], start, end, scratch);
    return;
  }
  const last = at + words[at + 1] * OP_WORDS;
  for (let inner = at + OP_WORDS; inner <= last; inner += OP_WORDS) {
    const unit = words[inner + 3];
    kernels[words[inner + 1]](words[inner + 2], start * unit, end * unit, scratch);
  }
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
