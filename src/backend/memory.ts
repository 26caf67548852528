import { type DType, type KernelCall, readsBinding, type Storage } from './kernel.js';
import { contractOf } from './kernels.js';

/** A block of memory that several temporaries use one after another. */
export interface Slot {
  readonly dtype: DType;
  length: number;
}

export interface MemoryPlan {
  readonly slots: readonly Slot[];
  /** Which slot each temporary lives in. */
  readonly slotOf: ReadonlyMap<Storage, number>;
}

/**
 * Shares memory between temporaries whose lifetimes (first to last call that binds them) do not overlap:
 * largest first into the first slot that is free for the whole lifetime, which keeps the activations of a
 * training step close to their peak instead of their sum.
 * @param phaseOf when each call runs, by its index, for a backend that runs several at the same time
 * @throws Error when a temporary is read before anything has written it
 */
export function planMemory(
  calls: readonly KernelCall[],
  phaseOf: (index: number) => number = (index) => index,
): MemoryPlan {
  const lifetimes = new Map<Storage, { first: number; last: number }>();
  const born = new Map<Storage, number>();
  calls.forEach((call, index) => {
    const { bindings } = contractOf(call.kernel);
    for (const array of Object.values(call.arrays)) {
      if (!array.storage.temporary) continue;
      const known = lifetimes.get(array.storage);
      if (known) known.last = phaseOf(index);
      else {
        lifetimes.set(array.storage, { first: phaseOf(index), last: phaseOf(index) });
        born.set(array.storage, index);
      }
    }
    for (const [name, array] of Object.entries(call.arrays)) {
      if (!array.storage.temporary || !readsBinding(bindings[name], call.params)) continue;
      if (born.get(array.storage) === index) {
        throw new Error(`${call.kernel} reads ${name} (${array.label}) before anything has written it`);
      }
    }
  });
  const slots: Slot[] = [];
  const busy: { first: number; last: number }[][] = [];
  const slotOf = new Map<Storage, number>();
  const bySize = [...lifetimes].sort(([a], [b]) => b.length - a.length);
  for (const [storage, life] of bySize) {
    let index = slots.findIndex(
      (slot, i) =>
        slot.dtype === storage.dtype &&
        slot.length >= storage.length &&
        busy[i].every((other) => other.last < life.first || life.last < other.first),
    );
    if (index < 0) {
      index = slots.push({ dtype: storage.dtype, length: storage.length }) - 1;
      busy.push([]);
    }
    busy[index].push(life);
    slotOf.set(storage, index);
  }
  return { slots, slotOf };
}
