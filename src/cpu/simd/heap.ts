import { TributaryError } from '../../errors.js';

/** Blocks start at cache lines. */
const ALIGNMENT = 64;
const PAGE = 65536;
/** Kernels may load a few numbers behind an array, which they do not use. */
const GUARD = 256;

/** Blocks of memory inside one shared WebAssembly memory, which grows as needed. */
export class Heap {
  readonly memory: WebAssembly.Memory;
  /** Free blocks by address, no two adjacent. */
  private free: { start: number; end: number }[] = [];
  private readonly sizes = new Map<number, number>();
  private end: number;

  /** @param reserved bytes at the bottom that the heap leaves alone */
  constructor(reserved = 1024) {
    this.memory = createMemory();
    this.end = this.memory.buffer.byteLength - GUARD;
    this.free.push({ start: reserved, end: this.end });
  }

  /** @returns the address of `bytes` zero bytes. @throws TributaryError('out-of-memory') */
  allocate(bytes: number, label: string): number {
    const size = Math.max(1, Math.ceil(bytes / ALIGNMENT)) * ALIGNMENT;
    let index = this.free.findIndex(({ start, end }) => end - start >= size);
    if (index < 0) {
      this.grow(size, label);
      index = this.free.length - 1;
    }
    const block = this.free[index];
    const address = block.start;
    block.start += size;
    if (block.start === block.end) this.free.splice(index, 1);
    this.sizes.set(address, size);
    new Uint8Array(this.memory.buffer, address, size).fill(0);
    return address;
  }

  release(address: number): void {
    const size = this.sizes.get(address);
    if (size === undefined) return;
    this.sizes.delete(address);
    const at = this.free.findIndex(({ start }) => start > address);
    const index = at < 0 ? this.free.length : at;
    this.free.splice(index, 0, { start: address, end: address + size });
    this.join(index);
    this.join(index - 1);
  }

  /** Bytes in use. */
  get used(): number {
    let sum = 0;
    for (const size of this.sizes.values()) sum += size;
    return sum;
  }

  /** Joins the free blocks `index` and `index + 1` if they touch. */
  private join(index: number): void {
    const block = this.free[index];
    const next = this.free[index + 1];
    if (block === undefined || next === undefined || block.end !== next.start) return;
    block.end = next.end;
    this.free.splice(index + 1, 1);
  }

  private grow(size: number, label: string): void {
    const last = this.free[this.free.length - 1];
    const there = last !== undefined && last.end === this.end ? last.end - last.start : 0;
    // An eighth more than needed, so that many small arrays do not grow the memory one by one.
    const wanted = size - there + Math.min(this.end / 8, 2 ** 26);
    try {
      this.memory.grow(Math.ceil(wanted / PAGE));
    } catch (cause) {
      throw new TributaryError(
        'out-of-memory',
        `${label} needs ${size} bytes, ${this.used} are in use and the memory cannot grow: use a smaller batch or network`,
        { cause },
      );
    }
    const end = this.memory.buffer.byteLength - GUARD;
    this.free.push({ start: this.end, end });
    this.end = end;
    this.join(this.free.length - 2);
  }
}

/** A shared memory of the largest size that this machine lets one reserve. */
function createMemory(): WebAssembly.Memory {
  for (let maximum = 65536; ; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: 16, maximum, shared: true });
    } catch (error) {
      if (maximum <= 1024) throw error;
    }
  }
}
