/** What a part of a shader does. */
export interface Work {
  /** Of float32 numbers, each of a vector's by itself. */
  readonly multiplyAdds: number;
  /** Loads from storage, a vector's as one, and their bytes. */
  readonly loads: number;
  readonly bytes: number;
  /** Loads from workgroup memory. */
  readonly sharedLoads: number;
}

export const NONE: Work = { multiplyAdds: 0, loads: 0, bytes: 0, sharedLoads: 0 };

export const plus = (a: Work, b: Work, times = 1): Work => ({
  multiplyAdds: a.multiplyAdds + times * b.multiplyAdds,
  loads: a.loads + times * b.loads,
  bytes: a.bytes + times * b.bytes,
  sharedLoads: a.sharedLoads + times * b.sharedLoads,
});

export function dearer(a: Work, b: Work): Work {
  if (a.multiplyAdds !== b.multiplyAdds) return a.multiplyAdds > b.multiplyAdds ? a : b;
  return a.bytes + a.sharedLoads >= b.bytes + b.sharedLoads ? a : b;
}
