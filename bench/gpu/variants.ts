/**
 * The one place that names variants of a kernel for `--kernels`. A kernel that is not in the table has one way, whose
 * name is empty; of several the first is what the others are compared with.
 */
import type { KernelName } from '../../src/backend/kernels.js';
import type { WebGpuOptions } from '../../src/webgpu/backend.js';
import type { Shader } from '../../src/webgpu/shader.js';
import { SHADERS } from '../../src/webgpu/shaders.js';

const VARIANTS: Readonly<Partial<Record<KernelName, readonly string[]>>> = {};

export const variantsOf = (kernel: KernelName): readonly string[] => VARIANTS[kernel] ?? [''];

/** What a backend is created with so that `kernel` runs as `variant`. */
export const optionsFor = (_kernel: KernelName, _variant: string): WebGpuOptions => ({});

/** The source that then runs. */
export const shaderOf = (kernel: KernelName, _variant: string): Shader => SHADERS[kernel];
