import type { Backend } from './backend/backend.js';
import { CpuBackend } from './cpu/backend.js';
import { unknownName } from './suggest.js';

export interface EngineOptions {
  /** `cpu` is the default and the reference. */
  backend?: 'cpu';
}

/**
 * An engine: where training and sampling run. Nothing is touched before this is called; `destroy()` it when
 * done.
 * @throws TributaryError('bad-input') for an unknown backend
 */
export async function createEngine({ backend = 'cpu' }: EngineOptions = {}): Promise<Backend> {
  if (backend !== 'cpu') unknownName('backend', backend, ['cpu']);
  return new CpuBackend();
}
