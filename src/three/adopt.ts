/**
 * The one place that reaches into three.js: a vertex attribute that draws straight from a buffer of the engine's.
 * three.js 0.187 keeps an attribute's GPUBuffer at `renderer.backend.get(attribute).buffer`, creates one only
 * where there is none, and looks it up again for every draw; it destroys it with the geometry. A pixel test in
 * headless Chrome holds this.
 */
import type { BufferAttribute, WebGPURenderer } from 'three/webgpu';
import { badInput } from '../errors.js';

interface Backend {
  readonly isWebGPUBackend?: boolean;
  readonly device?: GPUDevice;
  get(key: object): { buffer?: GPUBuffer | { destroy(): void } };
}

const backendOf = (renderer: WebGPURenderer) => renderer.backend as unknown as Backend;

/** What three.js destroys in place of the engine's buffer. */
const NOTHING = { destroy: () => undefined };

/** The device that a renderer draws on; null where it draws with WebGL, or before `await renderer.init()`. */
export function deviceOf(renderer: WebGPURenderer): GPUDevice | null {
  const backend = backendOf(renderer);
  return backend.isWebGPUBackend === true ? (backend.device ?? null) : null;
}

/**
 * Makes `attribute` draw from `buffer`, now and until it is given another or released. Nothing is copied.
 * @param attribute of an empty array; its count is set
 * @param count elements that are drawn; the buffer must hold them
 * @throws TributaryError('bad-input') when the renderer does not draw with WebGPU
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
  (attribute as { count: number }).count = count;
  backendOf(renderer).get(attribute).buffer = buffer;
}

/** Takes the engine's buffer away from `attribute`, before three.js destroys what it believes its own. */
export function releaseBuffer(renderer: WebGPURenderer, attribute: BufferAttribute): void {
  backendOf(renderer).get(attribute).buffer = NOTHING;
}
