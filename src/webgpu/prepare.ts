/** What a trace needs on the device, worked out before anything is allocated. */
import { fusedWork } from '../backend/contracts/fused.js';
import type { DeviceArray, KernelCall } from '../backend/kernel.js';
import { contractOf } from '../backend/kernels.js';
import { TributaryError } from '../errors.js';
import { LAUNCHES } from './launches.js';
import type { PipelineCache } from './pipelines.js';
import type { Shader } from './shader.js';
import { type AdapterTraits, possibleVariants, type ShaderName, shaderOf } from './variants.js';

/** WebGPU's default limit on every dimension of a dispatch; no kernel asks for more. */
const MAX_DISPATCH = 65535;

export interface PreparedDispatch {
  readonly entry: string;
  readonly size: readonly [number, number];
}

export interface PreparedCall {
  readonly shader: Shader;
  readonly call: KernelCall;
  /** Override constants that the call's shape asks for. */
  readonly constants: Readonly<Record<string, number>>;
  readonly dispatches: readonly PreparedDispatch[];
  /** Content of the shader's uniform. */
  readonly uniform: ArrayBuffer;
  /** Bytes of memory between two passes; 0 for none. */
  readonly scratchBytes: number;
  /** Multiply-adds, or numbers touched, roughly. */
  readonly work: number;
}

export const BYTES = 4;

/**
 * Throws when an array is larger than what the device binds or holds.
 * @param what names the array in the error
 */
export function checkLimits(limits: GPUSupportedLimits, bytes: number, what: string): void {
  const limit = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
  if (bytes <= limit) return;
  throw new TributaryError(
    'limits',
    `${what} takes ${bytes} bytes, but this device binds at most ${limit}: use a smaller batch or network, or the CPU`,
  );
}

/** Writes parameters into a shader's uniform struct. */
export function packUniform(shader: Shader, values: Readonly<Record<string, number>>): ArrayBuffer {
  const buffer = new ArrayBuffer(Math.ceil(shader.uniform.size / 16) * 16);
  const view = new DataView(buffer);
  for (const { name, type, offset } of shader.uniform.fields) {
    if (type === 'u32') view.setUint32(offset, values[name], true);
    else view.setFloat32(offset, values[name], true);
  }
  return buffer;
}

/** Folds a long row of workgroups into two dimensions; the shaders unfold it with the same constant. */
export function foldDispatch(workgroups: number, row: number, what: string): readonly [number, number] {
  const rows = Math.ceil(workgroups / row);
  if (rows > MAX_DISPATCH) {
    throw new TributaryError(
      'limits',
      `${what} takes ${workgroups} workgroups, at most ${row * MAX_DISPATCH} fit: use a smaller batch`,
    );
  }
  return [Math.min(workgroups, row), rows];
}

/** The shader that a call takes. @throws RangeError for a variant that cannot take it */
function chosenShader(
  { kernel, params }: KernelCall,
  variant: string | null,
  adapter: AdapterTraits,
): ShaderName {
  const possible: readonly string[] = possibleVariants(kernel, params, adapter);
  if (variant !== null && !possible.includes(variant)) {
    throw new RangeError(`${kernel}: no variant ${variant} for this call; there are: ${possible.join(', ')}`);
  }
  return shaderOf(kernel, variant);
}

/**
 * @param variant null for a kernel that has but one
 * @throws TributaryError `limits` when the call does not fit the device
 */
export function prepareCall(
  call: KernelCall,
  shaders: Readonly<Record<ShaderName, Shader>>,
  cache: PipelineCache,
  limits: GPUSupportedLimits,
  variant: string | null,
  adapter: AdapterTraits,
): PreparedCall {
  const name = chosenShader(call, variant, adapter);
  const shader = shaders[name];
  const own = LAUNCHES[name].constants?.(call.params, adapter) ?? {};
  const constants = cache.constantsOf(shader, own);
  const { passes, extras, scratch } = LAUNCHES[name].plan(call.params, constants);
  for (const [binding, array] of Object.entries<DeviceArray>(call.arrays)) {
    checkLimits(limits, array.length * BYTES, `${name}: ${binding} (${array.label})`);
  }
  const scratchBytes = (scratch ?? 0) * BYTES;
  checkLimits(limits, scratchBytes, `${name}: ${LAUNCHES[name].scratch}`);
  return {
    shader,
    call,
    constants: own,
    dispatches: passes.map(({ entry, workgroups }) => ({
      entry,
      size: foldDispatch(workgroups, constants.DISPATCH_ROW ?? MAX_DISPATCH, name),
    })),
    uniform: packUniform(shader, { ...call.params, ...extras }),
    scratchBytes,
    work: workOf(call),
  };
}

/** Multiply-adds of a call where these are known, else the numbers that it touches. */
function workOf({ kernel, params }: KernelCall): number {
  const { batch, inputs, outputs, n, steps, stages } = params;
  if (kernel === 'linear_swiglu') return 2 * batch * inputs * outputs;
  if (kernel.startsWith('linear_')) return batch * inputs * outputs;
  if (kernel === 'fused_sampler') return fusedWork(params) * n * steps * stages;
  // One invocation after the other.
  if (kernel === 'assignment') return n ** 3;
  const { bindings } = contractOf(kernel);
  return Object.values(bindings).reduce((sum, { length }) => sum + length(params), 0);
}
