/** Calls of a trace that one kernel makes in one pass. */
import type { DeviceArray, KernelCall, Storage } from '../backend/kernel.js';
import { type AdapterTraits, fixedVariant } from './variants.js';

const isSame = (a: DeviceArray, b: DeviceArray): boolean =>
  a.storage === b.storage && a.offset === b.offset && a.length === b.length;

/** In how many calls each temporary is bound. */
function usesOf(calls: readonly KernelCall[]): ReadonlyMap<Storage, number> {
  const uses = new Map<Storage, number>();
  for (const { arrays } of calls) {
    const bound = new Set(Object.values(arrays).map(({ storage }) => storage));
    for (const storage of bound) if (storage.temporary) uses.set(storage, (uses.get(storage) ?? 0) + 1);
  }
  return uses;
}

/** The two projections and the gate of a SwiGLU block as one call, or null where they are no such thing. */
function gatedBlock(
  [first, second, gate]: readonly KernelCall[],
  uses: ReadonlyMap<Storage, number>,
): KernelCall | null {
  const projections = [first, second];
  const plain = projections.every(
    (call) =>
      call?.kernel === 'linear_forward' && call.params.hasResidual === 0 && call.variant === undefined,
  );
  if (!plain || gate?.kernel !== 'swiglu_forward') return null;
  const { batch, inputs, outputs } = first.params;
  const alike =
    isSame(first.arrays.x, second.arrays.x) &&
    second.params.batch === batch &&
    second.params.inputs === inputs &&
    second.params.outputs === outputs;
  if (!alike) return null;
  const [gating, rising] = [gate.arrays.gate, gate.arrays.up].map((wanted) =>
    projections.find(({ arrays: { y } }) => isSame(y, wanted) && uses.get(y.storage) === 2),
  );
  if (gating === undefined || rising === undefined || gating === rising) return null;
  const { a } = gate.arrays;
  const reads = {
    x: first.arrays.x,
    gateWeight: gating.arrays.weight,
    gateBias: gating.arrays.bias,
    upWeight: rising.arrays.weight,
    upBias: rising.arrays.bias,
  };
  // Written over what was read: right one after the other, a race in one pass.
  if (Object.values(reads).some(({ storage }) => storage === a.storage)) return null;
  return { kernel: 'linear_swiglu', arrays: { ...reads, a }, params: { batch, inputs, outputs } };
}

/**
 * The same calls, with those of a SwiGLU block that keeps neither of its projections, as sampling's do, made one where
 * that has been measured to pay: on software adapters with quads. Its sums are added in the same order, so that the
 * bits stay the same.
 */
export function fuseCalls(calls: readonly KernelCall[], adapter: AdapterTraits): readonly KernelCall[] {
  // Its products are not kept as halves.
  if (adapter.half) return calls;
  const uses = usesOf(calls);
  const fused: KernelCall[] = [];
  for (let i = 0; i < calls.length; i++) {
    const one = gatedBlock(calls.slice(i, i + 3), uses);
    if (one !== null && fixedVariant(one.kernel, one.params, adapter) === 'quads') {
      fused.push(one);
      i += 2;
    } else fused.push(calls[i]);
  }
  return fused;
}
