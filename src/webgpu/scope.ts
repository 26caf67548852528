/** Error scopes: what went wrong while something was created, as typed errors. */
import { TributaryError } from '../errors.js';

/** WebGPU's usage flags by value: in Node the global constants exist only if somebody installs them. */
export const USAGE = {
  mapRead: 0x0001,
  copySource: 0x0004,
  copyDestination: 0x0008,
  vertex: 0x0020,
  uniform: 0x0040,
  storage: 0x0080,
  queryResolve: 0x0200,
} as const;

export const MAP_READ = 1;

/** `GPUShaderStage.COMPUTE` */
export const COMPUTE_STAGE = 4;

/**
 * Runs `create` and collects what the device has to say about it.
 * @param what names the thing in the error
 * @returns the value at once, and a promise of the error that the device found
 */
export function scoped<T>(
  device: GPUDevice,
  what: string,
  create: () => T,
): { value: T; error: Promise<TributaryError | null> } {
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('internal');
  const pop = () => device.popErrorScope();
  let value: T;
  let popped: Promise<GPUError | null>[] = [];
  try {
    value = create();
  } finally {
    // In the same tick, so that no other code's scope can come in between.
    popped = [pop(), pop(), pop()];
  }
  const error = Promise.all(popped).then(
    ([internal, memory, validation]) => {
      if (memory) {
        return new TributaryError(
          'out-of-memory',
          `${what}: the device is out of memory (${memory.message}); use a smaller batch or network`,
        );
      }
      const other = validation ?? internal;
      return other ? new TributaryError('validation', `${what}: ${other.message}`) : null;
    },
    // A lost device reports its loss elsewhere.
    () => null,
  );
  return { value, error };
}
