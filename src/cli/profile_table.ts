import type { KernelProfile } from '../backend/backend.js';

/** Kernels by their share of the time, longest first. */
export function profileTable(rows: readonly KernelProfile[], backend: string): string {
  if (rows.length === 0) {
    return `no profile: ${backend === 'webgpu' ? 'this adapter has no timestamps' : 'only the CPU with SIMD and WebGPU time their kernels'}\n`;
  }
  const total = rows.reduce((sum, { ms }) => sum + ms, 0);
  const lines = [...rows]
    .sort((a, b) => b.ms - a.ms)
    .map(({ kernel, calls, ms }) => {
      const share = `${((100 * ms) / total).toFixed(1)} %`;
      return `${kernel.padEnd(28)}${ms.toFixed(1).padStart(10)} ms${share.padStart(9)}${String(calls).padStart(9)} calls`;
    });
  return `${lines.join('\n')}\n`;
}
