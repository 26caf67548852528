/** Turns a trace into a program in shared memory; `walk.ts` says what a program is. */
import type { DeviceArray, KernelCall } from '../../backend/kernel.js';
import { contractOf, type KernelName } from '../../backend/kernels.js';
import { isPacked, SIMD_KERNELS, TILE_COLUMNS, TILE_ROWS } from './kernels.js';
import { type Phase, rowKernelOf } from './schedule.js';
import { CLAIM_WORDS, HEADER, OP, OP_WORDS } from './walk.js';

/** Rows that a group of row kernels takes through all its kernels at once. */
const GROUP_TILE = 60;
/**
 * Pieces that a thread's share of a single kernel is claimed in where a barrier follows: the last ones can be
 * taken over. Elsewhere a thread that is done goes on with the next operation, and a share is one piece, because
 * each piece sets up anew, and packs, what its items have in common.
 */
const PIECES = 2;

interface Interval {
  readonly start: number;
  readonly end: number;
  readonly write: boolean;
}

interface Operation {
  /** The operation, and those inside it. */
  readonly words: readonly number[][];
  /** Items, and what a thread claims of them is a multiple of. */
  readonly items: number;
  readonly grain: number;
  /** Items that a thread claims at a time, where that is fixed. */
  readonly tile?: number;
  readonly intervals: readonly Interval[];
}

/** What a program needs of its engine. */
export interface Context {
  readonly threads: number;
  /** Numbers the exports of the WebAssembly module. */
  readonly kernelIndex: ReadonlyMap<string, number>;
  address(array: DeviceArray): number;
  /** Memory that lives as long as the plan. */
  allocate(bytes: number, label: string): number;
  /** Fills a block of memory. */
  view(): { words: Int32Array; numbers: Float64Array };
  /** Numbers a reference kernel bound to its arrays. */
  host(call: KernelCall): number;
}

const conflict = (a: Interval, b: Interval) => (a.write || b.write) && a.start < b.end && b.start < a.end;

export class ProgramBuilder {
  private readonly prologue: Operation[] = [];
  private readonly body: Operation[] = [];
  /** Packed copies by weight, direction and shape. */
  private readonly packs = new Map<string, { address: number; weight: Interval; valid: boolean }>();

  constructor(
    private readonly context: Context,
    private readonly phases: readonly Phase[],
  ) {}

  /** @returns the program's address */
  build(): number {
    for (const phase of this.phases) {
      if (phase.kind === 'rows') this.addGroup(phase);
      else this.addSingle(phase.calls[0]);
      const written = phase.calls.flatMap((call) => this.intervals(call)).filter(({ write }) => write);
      for (const pack of this.packs.values()) {
        if (written.some((interval) => conflict(interval, pack.weight))) pack.valid = false;
      }
    }
    return this.write();
  }

  private interval(array: DeviceArray, write: boolean): Interval {
    const start = this.context.address(array);
    return { start, end: start + 4 * array.length, write };
  }

  private intervals(call: KernelCall): Interval[] {
    const { bindings } = contractOf(call.kernel);
    const kernel = rowKernelOf(call);
    return Object.entries(call.arrays)
      .filter(([name]) => !kernel?.unused?.(name, call.params))
      .map(([name, array]) => this.interval(array, bindings[name].access !== 'read'));
  }

  /** A kernel's descriptor as `assembly/common.ts` reads it. */
  private descriptor(addresses: readonly number[], params: readonly number[]): number {
    const head = Math.ceil(addresses.length / 2) * 8;
    const at = this.context.allocate(head + 8 * params.length, 'kernel arguments');
    const { words, numbers } = this.context.view();
    words.set(addresses, at >> 2);
    numbers.set(params, (at + head) >> 3);
    return at;
  }

  private describe(
    call: KernelCall,
    replaced: Readonly<Record<string, number>> = {},
    extras: readonly number[] = [],
  ): number {
    const contract = contractOf(call.kernel);
    const addresses = Object.keys(contract.bindings).map(
      (name) => replaced[name] ?? this.context.address(call.arrays[name]),
    );
    const params = Object.keys(contract.params).map((name) => call.params[name]);
    return this.descriptor(addresses, [...params, ...extras]);
  }

  private kernel(name: string): number {
    const index = this.context.kernelIndex.get(name);
    if (index === undefined) throw new Error(`the WebAssembly module has no ${name}`);
    return index;
  }

  private split(name: string, descriptor: number, items: number, grain: number): number[] {
    return [OP.split, this.kernel(name), descriptor, items, grain];
  }

  private addSingle(call: KernelCall): void {
    const kernel = SIMD_KERNELS[call.kernel as KernelName];
    const intervals = this.intervals(call);
    let words: number[];
    let items = 1;
    if (kernel === undefined) {
      words = [OP.host, this.context.host(call), 0, 0, 0];
    } else if (kernel.kind === 'rows') {
      // A product whose weight is too large to pack.
      const columns = call.kernel === 'linear_forward' ? call.params.outputs : call.params.inputs;
      const panels = Math.ceil(columns / TILE_COLUMNS);
      items = panels;
      words = this.split(`${call.kernel}_panels`, this.describe(call), panels, 1);
    } else {
      const name = kernel.variant?.(call.params) ?? call.kernel;
      items = kernel.items(call.params);
      const bytes = kernel.memory?.(call.params) ?? 0;
      const extras = bytes > 0 ? [this.context.allocate(bytes, `work space of ${name}`)] : [];
      words = this.split(name, this.describe(call, {}, extras), items, kernel.grain);
    }
    this.body.push({
      words: [words],
      intervals,
      items,
      grain: kernel?.kind === 'split' ? kernel.grain : 1,
    });
  }

  /** Items that a thread claims at a time. */
  private chunk({ items, grain, tile }: Operation, barrierFollows: boolean): number {
    if (tile !== undefined) return tile;
    const pieces = this.context.threads * (barrierFollows ? PIECES : 1);
    return Math.max(1, Math.ceil(items / grain / pieces)) * grain;
  }

  private addGroup(phase: Phase): void {
    const inner: number[][] = [];
    const intervals: Interval[] = [];
    for (const call of phase.calls) {
      const items = rowKernelOf(call)?.items(call.params) ?? 0;
      const packed = this.packFor(call);
      if (packed) intervals.push(packed.interval);
      const descriptor = this.describe(call, packed ? { weight: packed.address } : {});
      inner.push([OP.split, this.kernel(call.kernel), descriptor, items / phase.rows, 0]);
      intervals.push(...this.intervals(call));
    }
    const head = [OP.rows, inner.length, phase.rows, 0, TILE_ROWS];
    this.body.push({
      words: [head, ...inner],
      intervals,
      items: phase.rows,
      grain: TILE_ROWS,
      tile: GROUP_TILE,
    });
  }

  /** Makes sure that a product's weight is packed before the operation that comes next. */
  private packFor(call: KernelCall): { address: number; interval: Interval } | null {
    const { inputs, outputs } = call.params;
    const forward = call.kernel === 'linear_forward';
    if (!forward && call.kernel !== 'linear_backward_input') return null;
    if (!isPacked(forward ? inputs : outputs, call.params)) return null;
    const weight = this.interval(call.arrays.weight, false);
    const [columns, inner] = forward ? [outputs, inputs] : [inputs, outputs];
    const panels = Math.ceil(columns / TILE_COLUMNS);
    const bytes = panels * TILE_COLUMNS * inner * 4;
    const key = `${call.kernel} ${weight.start} ${inputs} ${outputs}`;
    let pack = this.packs.get(key);
    if (pack === undefined) {
      pack = { address: this.context.allocate(bytes, 'packed weight'), weight, valid: false };
      this.packs.set(key, pack);
    }
    const target: Interval = { start: pack.address, end: pack.address + bytes, write: true };
    if (!pack.valid) {
      const descriptor = this.descriptor([weight.start, pack.address], [inputs, outputs]);
      const name = forward ? 'pack_forward' : 'pack_backward';
      const words = [this.split(name, descriptor, panels, 1)];
      const operation = { words, intervals: [weight, target], items: panels, grain: 1 };
      (this.isWritten(weight) ? this.body : this.prologue).push(operation);
      pack.valid = true;
    }
    return { address: pack.address, interval: { ...target, write: false } };
  }

  /** Whether anything in the body changes this memory. */
  private isWritten(interval: Interval): boolean {
    return this.phases.some(({ calls }) =>
      calls.some((call) => this.intervals(call).some((other) => other.write && conflict(interval, other))),
    );
  }

  /** Which operations a barrier comes before: those that touch what others since the last one write. */
  private barriers(operations: readonly Operation[]): boolean[] {
    let since: Interval[] = [];
    return operations.map(({ intervals }) => {
      const barrier = since.some((one) => intervals.some((other) => conflict(one, other)));
      if (barrier) since = [];
      since.push(...intervals);
      return barrier;
    });
  }

  private write(): number {
    const lines = this.prologue.length + this.body.length;
    const stride = this.context.threads * CLAIM_WORDS;
    const claims = this.context.allocate(4 * lines * stride, 'claims');
    const words: number[] = [0, 0, claims, lines * stride];
    const operations = [...this.prologue, ...this.body];
    const barriers = this.barriers(operations);
    operations.forEach((operation, line) => {
      const chunk = this.chunk(operation, barriers[line + 1] ?? true);
      const claim = claims + 4 * stride * line;
      operation.words.forEach((op, k) => words.push(...op, k === 0 && barriers[line] ? 1 : 0, chunk, claim));
      words[line < this.prologue.length ? HEADER.prologue : HEADER.body] += operation.words.length;
    });
    if (words.length !== HEADER.words + OP_WORDS * (words[0] + words[1]))
      throw new Error('a malformed program');
    const at = this.context.allocate(4 * words.length, 'program');
    this.context.view().words.set(words, at >> 2);
    return at;
  }
}
