/** Makes a thread's instance of the kernels. */
import { Stopwatch } from './stopwatch.js';
import { type Kernel, kernelNames } from './walk.js';

/** @param address of the thread's stopwatch, or 0 to go without */
export function link(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  address: number,
): { kernels: readonly Kernel[]; stopwatch: Stopwatch | null } {
  const names = kernelNames(module);
  const stopwatch = address === 0 ? null : new Stopwatch(memory.buffer, address, names);
  const packing = stopwatch?.packing ?? (() => {});
  const { exports } = new WebAssembly.Instance(module, { env: { memory, packing } });
  const kernels = stopwatch?.kernels(exports) ?? names.map((name) => exports[name] as Kernel);
  return { kernels, stopwatch };
}
