import type { DType, Storage } from '../backend/kernel.js';

/** An array's memory on a device; null once freed. */
export class GpuStorage implements Storage {
  readonly temporary = false;
  buffer: GPUBuffer | null;

  /** @param owner the backend that may use it */
  constructor(
    readonly owner: object,
    readonly dtype: DType,
    readonly length: number,
    readonly label: string,
    buffer: GPUBuffer,
  ) {
    this.buffer = buffer;
  }
}
