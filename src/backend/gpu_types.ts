/**
 * WebGPU's types as the reader of the declarations has them: from the compiler's own DOM library, where it knows
 * WebGPU, or from @webgpu/types, where a program brings that; the two cannot be loaded together, so the declarations
 * must load neither. A program without them sees objects that it can pass on and no more.
 */
type Global<Name extends string> =
  typeof globalThis extends Record<Name, { prototype: infer Instance }> ? Instance : object;

export type GpuDevice = Global<'GPUDevice'>;
export type GpuBuffer = Global<'GPUBuffer'>;
export type GpuPowerPreference = 'low-power' | 'high-performance';
