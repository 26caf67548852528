/**
 * The one place that reaches into three.js: a vertex attribute that draws straight from a buffer of the engine's.
 * three.js keeps an attribute's GPUBuffer at `renderer.backend.get(attribute).buffer`, creates one only
 * where there is none, and looks it up again for every draw; it destroys it with the geometry. A pixel test in
 * headless Chrome holds this.
 */
import { type BufferAttribute, REVISION, type WebGPURenderer } from 'three/webgpu';
import { badInput } from '../errors.js';

interface Backend {
  readonly isWebGPUBackend?: boolean;
  readonly device?: GPUDevice;
  get(key: object): Kept;
}

/** What three.js keeps of an attribute. */
interface Kept {
  buffer?: GPUBuffer | { destroy(): void };
}

const backendOf = (renderer: WebGPURenderer) => renderer.backend as unknown as Backend;

/** What three.js destroys in place of the engine's buffer. */
const NOTHING = { destroy: () => undefined };

/**
 * What `renderer` keeps of `attribute`.
 * @throws TributaryError('bad-input') where this release of three.js keeps it in another way
 */
function keptOf(renderer: WebGPURenderer, attribute: BufferAttribute): Kept {
  const backend: Partial<Backend> | undefined = backendOf(renderer);
  const kept = typeof backend?.get === 'function' ? backend.get(attribute) : null;
  // The same object at every look is what lets a buffer be put there.
  if (typeof kept === 'object' && kept !== null && backend?.get?.(attribute) === kept) return kept;
  badInput(
    `three.js ${REVISION} keeps its buffers in a way that is not known here: install three@0.187, or give the points as numbers`,
  );
}

/** The device that a renderer draws on; null where it draws with WebGL, or before `await renderer.init()`. */
export function deviceOf(renderer: WebGPURenderer): GPUDevice | null {
  const backend: Partial<Backend> | undefined = backendOf(renderer);
  return backend?.isWebGPUBackend === true ? (backend.device ?? null) : null;
}

/**
 * Makes `attribute` draw from `buffer`, now and until it is given another or released. Nothing is copied.
 * @param attribute of an empty array; its count is set
 * @param count elements that are drawn; the buffer must hold them
 * @throws TributaryError('bad-input') when the renderer does not draw with WebGPU, or its release of three.js keeps
 *   buffers in another way
 */
export function adoptBuffer(
  renderer: WebGPURenderer,
  attribute: BufferAttribute,
  buffer: GPUBuffer,
  count: number,
): void {
  if (deviceOf(renderer) === null) {
    badInput('this renderer does not draw with WebGPU (or is not initialised): give the points as numbers');
  }
  const kept = keptOf(renderer, attribute);
  (attribute as { count: number }).count = count;
  kept.buffer = buffer;
}

/** Takes the engine's buffer away from `attribute`, before three.js destroys what it believes its own. */
export function releaseBuffer(renderer: WebGPURenderer, attribute: BufferAttribute): void {
  keptOf(renderer, attribute).buffer = NOTHING;
}
