import type { Backend } from '../../src/backend/backend.js';
import type { DeviceArray, KernelCall, KernelContract } from '../../src/backend/kernel.js';
import { kernelCall } from '../../src/backend/kernel.js';
import { Trace } from '../../src/backend/trace.js';

/** Allocates an array and fills it. */
export function upload(backend: Backend, label: string, data: Float64Array | Uint32Array): DeviceArray {
  const array = backend.allocate(data.length, label, data instanceof Uint32Array ? 'u32' : 'float');
  backend.write(array, data);
  return array;
}

export async function runCalls(backend: Backend, calls: readonly KernelCall[]): Promise<void> {
  const trace = new Trace();
  trace.calls.push(...calls);
  const plan = await backend.compile(trace, 'test');
  await plan.run(1);
  plan.destroy();
}

/** Runs one kernel once on fresh arrays and returns what every binding holds afterwards. */
export async function runKernel(
  backend: Backend,
  contract: KernelContract,
  params: Record<string, number>,
  inputs: Record<string, Float64Array | Uint32Array>,
): Promise<Record<string, Float32Array | Float64Array | Uint32Array>> {
  const arrays = Object.fromEntries(
    Object.entries(inputs).map(([name, data]) => [name, upload(backend, name, data)]),
  );
  await runCalls(backend, [kernelCall(contract, arrays, params)]);
  const results: Record<string, Float32Array | Float64Array | Uint32Array> = {};
  for (const [name, array] of Object.entries(arrays)) {
    results[name] = await backend.read(array);
    backend.free(array);
  }
  return results;
}
