import type { Backend } from './backend/backend.js';
import { CpuBackend } from './cpu/backend.js';
import { unknownName } from './suggest.js';

export interface EngineOptions {
  /** `cpu` is the default. */
  backend?: 'cpu';
  /** false for the reference kernels: plain TypeScript on one thread, accumulating in float64. */
  simd?: boolean;
  /**
   * Threads of the CPU path, the calling one included; all cores if not given. In a page that is not
   * cross-origin isolated there is one. Results do not depend on it.
   */
  threads?: number;
}

/**
 * An engine: where training and sampling run. Nothing is touched before this is called; `destroy()` it when
 * done.
 * @throws TributaryError('bad-input') for an unknown backend or a number of threads that makes no sense
 */
export async function createEngine(options: EngineOptions = {}): Promise<Backend> {
  const { backend = 'cpu', simd = true, threads } = options;
  if (backend !== 'cpu') unknownName('backend', backend, ['cpu']);
  if (!simd) return new CpuBackend();
  const { SimdBackend } = await import('./cpu/simd/backend.js');
  return SimdBackend.create({ threads });
}
