/** Copies from the device through a few staging buffers that are used in turn. */

import type { Life } from '../backend/life.js';
import type { TributaryError } from '../errors.js';
import type { BufferPool } from './pool.js';
import { MAP_READ } from './scope.js';

/** A copy on its way. */
export interface PendingRead {
  /** The bytes, once they have arrived; the staging buffer is free again then. */
  take(life: Life): Promise<ArrayBuffer>;
}

/**
 * Queues a copy of some bytes of a buffer behind the work submitted so far, which goes on meanwhile.
 * @param check gets the promise of an error when a staging buffer had to be created
 */
export function startRead(
  device: GPUDevice,
  staging: BufferPool,
  source: GPUBuffer,
  offset: number,
  bytes: number,
  check: (error: Promise<TributaryError | null>) => void,
): PendingRead {
  const buffer = staging.acquire(bytes, check);
  const encoder = device.createCommandEncoder({ label: 'readback' });
  encoder.copyBufferToBuffer(source, offset, buffer, 0, bytes);
  device.queue.submit([encoder.finish()]);
  const mapped = buffer.mapAsync(MAP_READ, 0, bytes);
  mapped.catch(() => undefined);
  return {
    async take(life) {
      await life.guard(mapped);
      const copy = buffer.getMappedRange(0, bytes).slice(0);
      buffer.unmap();
      staging.release(buffer);
      return copy;
    },
  };
}
