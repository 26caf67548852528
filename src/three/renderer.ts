import { LinearSRGBColorSpace, NoToneMapping, WebGPURenderer } from 'three/webgpu';
import type { Backend } from '../backend/backend.js';
import type { GpuBuffer, GpuDevice } from '../backend/gpu_types.js';

/** What of a WebGPU engine a renderer on the same device needs. */
export interface GpuEngine extends Backend {
  readonly gpu: GpuDevice;
  bufferOf(array: import('../backend/kernel.js').DeviceArray): {
    buffer: GpuBuffer;
    offset: number;
    size: number;
  };
}

/** Whether an engine's arrays lie on a graphics device. */
export function isGpuEngine(engine: Backend): engine is GpuEngine {
  return engine.name === 'webgpu' && 'gpu' in engine && 'bufferOf' in engine;
}

export interface EngineRendererOptions {
  readonly canvas: HTMLCanvasElement;
  /** Whether the page shows through where nothing is drawn. */
  readonly alpha?: boolean;
}

/**
 * A three.js renderer on the engine's own device, ready to draw. On a CPU engine three.js chooses: WebGPU, else
 * WebGL 2. It writes colours as they are, without a pass that converts them.
 * @throws Error where the browser has neither
 */
export async function engineRenderer(
  engine: Backend,
  { canvas, alpha = true }: EngineRendererOptions,
): Promise<WebGPURenderer> {
  const renderer = new WebGPURenderer({
    canvas,
    alpha,
    antialias: false,
    depth: false,
    ...(isGpuEngine(engine) ? { device: engine.gpu } : {}),
  });
  renderer.outputColorSpace = LinearSRGBColorSpace;
  renderer.toneMapping = NoToneMapping;
  renderer.setClearColor(0x000000, alpha ? 0 : 1);
  await renderer.init();
  return renderer;
}
