/** Orders a trace's calls into phases: single kernels, and groups of row kernels that run tile by tile. */
import type { DeviceArray, KernelCall, Storage } from '../../backend/kernel.js';
import { contractOf, type KernelName } from '../../backend/kernels.js';
import { isPacked, type RowKernel, SIMD_KERNELS } from './kernels.js';

export interface Phase {
  readonly kind: 'rows' | 'single';
  readonly rows: number;
  readonly calls: KernelCall[];
}

interface Touch {
  readonly storage: Storage;
  readonly start: number;
  readonly end: number;
  readonly write: boolean;
  /** Numbers a row, or 0 for an array that is used as a whole. */
  readonly stride: number;
}

/** How a call runs here: by rows, or not (in panels, split, or as its reference). */
export function rowKernelOf(call: KernelCall): RowKernel | null {
  const kernel = SIMD_KERNELS[call.kernel as KernelName];
  if (kernel?.kind !== 'rows') return null;
  const { params } = call;
  if (call.kernel === 'linear_forward' && !isPacked(params.inputs, params)) return null;
  if (call.kernel === 'linear_backward_input' && !isPacked(params.outputs, params)) return null;
  return kernel;
}

function touches(call: KernelCall, rows: number): Touch[] {
  const { bindings } = contractOf(call.kernel);
  const kernel = rowKernelOf(call);
  const used = Object.entries(call.arrays).filter(([name]) => !kernel?.unused?.(name, call.params));
  return used.map(([name, array]: [string, DeviceArray]) => {
    const width = kernel?.strides[name]?.(call.params) ?? 0;
    // An elementwise kernel's n numbers are `rows` rows of n / rows.
    const stride = kernel?.rows === null ? width / rows : width;
    const { storage, offset, length } = array;
    return { storage, start: offset, end: offset + length, write: bindings[name].access !== 'read', stride };
  });
}

const overlap = (a: Touch, b: Touch) =>
  a.storage === b.storage && a.start < b.end && b.start < a.end && (a.write || b.write);

/** Whether two calls may not change places. */
function conflict(a: readonly Touch[], b: readonly Touch[]): boolean {
  return a.some((one) => b.some((other) => overlap(one, other)));
}

/** Whether two row kernels may run tile by tile: what one writes the other uses in the same rows. */
function sameRows(a: readonly Touch[], b: readonly Touch[]): boolean {
  return a.every((one) =>
    b.every(
      (other) =>
        !overlap(one, other) || (one.stride === other.stride && one.stride > 0 && one.start === other.start),
    ),
  );
}

/**
 * Groups row kernels as far as the data allow. A row kernel may join the last group across the single kernels
 * since then (the products for weight gradients, mostly) when it has nothing to do with them.
 */
export function schedule(calls: readonly KernelCall[]): Phase[] {
  const phases: Phase[] = [];
  for (const call of calls) {
    const kernel = rowKernelOf(call);
    if (kernel === null) {
      phases.push({ kind: 'single', rows: 0, calls: [call] });
      continue;
    }
    const items = kernel.items(call.params);
    const rows = kernel.rows === null ? null : kernel.rows(call.params);
    let at = phases.length - 1;
    while (at >= 0 && phases[at].kind === 'single') {
      if (conflict(touches(phases[at].calls[0], 1), touches(call, 1))) break;
      at--;
    }
    const group = phases[at];
    const fits =
      group !== undefined &&
      group.kind === 'rows' &&
      (rows === null ? items % group.rows === 0 : rows === group.rows) &&
      group.calls.every((other) => sameRows(touches(other, group.rows), touches(call, group.rows)));
    if (fits) group.calls.push(call);
    else phases.push({ kind: 'rows', rows: rows ?? items, calls: [call] });
  }
  return phases;
}
