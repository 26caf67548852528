/** Longest time that work on the caller's thread goes on without letting timers, signals and clicks in. */
const LONGEST_MS = 50;

/** A function to be awaited between pieces of work: it gives way only when the last time is long enough ago. */
export function pauses(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < LONGEST_MS) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    last = performance.now();
  };
}
