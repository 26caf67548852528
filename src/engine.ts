import type { Backend, KernelChoice } from './backend/backend.js';
import type { GpuDevice, GpuPowerPreference } from './backend/gpu_types.js';
import { simdSupported } from './cpu/simd/support.js';
import { badInput, TributaryError } from './errors.js';
import { unknownName } from './suggest.js';

/** What `backend` may be. */
export const backendNames = ['cpu', 'webgpu', 'auto'] as const;

export type BackendChoice = (typeof backendNames)[number];

export interface EngineOptions {
  /**
   * `cpu` is the default and the reference; `webgpu` needs a graphics adapter, in Node by the optional package
   * `webgpu`; `auto` takes a real graphics card where there is one and else the CPU, for a software adapter is
   * slower than that.
   */
  backend?: BackendChoice;
  /**
   * CPU: false for the reference kernels: plain TypeScript on one thread, accumulating in float64. They also serve
   * where WebAssembly has no SIMD, about fifty times as slowly, unless `true` asks for it; `device` says which run.
   */
  simd?: boolean;
  /**
   * CPU: threads, the calling one included; all cores if not given. In a page that is not cross-origin
   * isolated there is one. Results do not depend on it.
   */
  threads?: number;
  /** WebGPU: a device of the page's own, such as a renderer's. It is used and never destroyed. */
  device?: GpuDevice;
  /** WebGPU: which of several graphics cards. */
  powerPreference?: GpuPowerPreference;
  /** Measure every kernel's time: WebGPU where the adapter can, the CPU with SIMD. */
  profile?: boolean;
  /**
   * WebGPU: how kernels that have several variants are chosen. `false`, the default: by a fixed table. `true`: by what
   * is measured here, within about a second, and kept for this adapter (a file in the user's cache folder; a page's
   * storage). `'cached'`: by what was kept, without measuring. `engine.choices()` says what was chosen.
   */
  tune?: boolean | 'cached';
  /** WebGPU: choices that win over those, as `engine.choices()` of another engine has said them. */
  choices?: readonly Pick<KernelChoice, 'kernel' | 'shape' | 'variant'>[];
  /**
   * WebGPU: layers whose sizes are multiples of 4 keep tiles of activations and weights as float16 and sum in float32: a
   * relative error of 2⁻¹¹ a number, for half of what is read from workgroup memory. Gradients stay float32, for theirs
   * are too small. Off by default: no graphics card has run it yet, and results are not those of other engines.
   */
  half?: boolean;
}

async function webGpu(options: EngineOptions): Promise<Backend & { readonly software: boolean }> {
  const { WebGpuBackend } = await import('./webgpu/backend.js');
  const { device, powerPreference, profile, tune, choices, half } = options;
  if (tune !== undefined && typeof tune !== 'boolean' && tune !== 'cached')
    badInput(`tune is ${String(tune)}; it must be true, false or 'cached'`);
  if (half !== undefined && typeof half !== 'boolean')
    badInput(`half is ${String(half)}; it must be true or false`);
  return WebGpuBackend.create({
    ...(device ? { device } : {}),
    ...(powerPreference ? { powerPreference } : {}),
    ...(profile ? { profile } : {}),
    ...(tune ? { tune } : {}),
    ...(choices ? { choices } : {}),
    ...(half ? { half } : {}),
  });
}

async function cpu({ simd, threads, profile }: EngineOptions): Promise<Backend> {
  if (!(simd ?? simdSupported())) {
    const { CpuBackend } = await import('./cpu/backend.js');
    return new CpuBackend();
  }
  const { SimdBackend } = await import('./cpu/simd/backend.js');
  return SimdBackend.create({ threads, profile: profile ?? false });
}

/**
 * An engine: where training and sampling run. Nothing is touched before this is called; `destroy()` it when
 * done.
 * @throws TributaryError('bad-input') for an unknown backend or a number of threads that makes no sense;
 *   TributaryError('no-adapter') where `webgpu` is asked for and there is none
 */
export async function createEngine(options: EngineOptions = {}): Promise<Backend> {
  const { backend = 'cpu' } = options;
  switch (backend) {
    case 'cpu':
      return cpu(options);
    case 'webgpu':
      return webGpu(options);
    case 'auto':
      try {
        const engine = await webGpu(options);
        if (!engine.software || options.device) return engine;
        engine.destroy();
      } catch (error) {
        if (!(error instanceof TributaryError) || error.code !== 'no-adapter') throw error;
      }
      return cpu(options);
    default:
      return unknownName('backend', backend, backendNames);
  }
}
