/** Buffers that outlive what used them, so that compiling again, or reading again, allocates nothing. */
import type { TributaryError } from '../errors.js';
import { scoped } from './scope.js';

/** What has been created so far; the tests hold them constant over thousands of steps. */
export interface Counters {
  buffers: number;
  bindGroups: number;
  pipelines: number;
}

/** Memory that may lie idle before the buffers unused for longest are let go. */
const IDLE_BYTES = 256 * 2 ** 20;

export class BufferPool {
  private readonly idle: GPUBuffer[] = [];
  private readonly used = new Set<GPUBuffer>();

  constructor(
    private readonly device: GPUDevice,
    private readonly usage: number,
    private readonly label: string,
    private readonly counters: Counters,
  ) {}

  /**
   * A buffer of at least `bytes`, with whatever content its last user left.
   * @param check gets the promise of an error when a buffer had to be created
   */
  acquire(bytes: number, check: (error: Promise<TributaryError | null>) => void): GPUBuffer {
    let best = -1;
    this.idle.forEach(({ size }, i) => {
      if (size >= bytes && size <= 2 * bytes + 65536 && (best < 0 || size < this.idle[best].size)) best = i;
    });
    if (best >= 0) {
      const [buffer] = this.idle.splice(best, 1);
      this.used.add(buffer);
      return buffer;
    }
    const size = Math.ceil(bytes / 256) * 256;
    const { value, error } = scoped(this.device, `${this.label} of ${size} bytes`, () =>
      this.device.createBuffer({ label: this.label, size, usage: this.usage }),
    );
    this.counters.buffers++;
    check(error);
    this.used.add(value);
    return value;
  }

  release(buffer: GPUBuffer): void {
    if (!this.used.delete(buffer)) return;
    this.idle.push(buffer);
    let bytes = this.idle.reduce((sum, { size }) => sum + size, 0);
    while (bytes > IDLE_BYTES) {
      const oldest = this.idle.shift() as GPUBuffer;
      bytes -= oldest.size;
      oldest.destroy();
    }
  }

  destroy(): void {
    for (const buffer of [...this.idle, ...this.used]) buffer.destroy();
    this.idle.length = 0;
    this.used.clear();
  }
}
