/** Longest time that work on the caller's thread goes on without letting timers, signals and clicks in. */
const LONGEST_MS = 50;

/**
 * One turn of the event loop. Node's timers are no such turn: while two pieces of work wait for one each, the time is
 * always up for one of them, and signals and files never get theirs.
 */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });

/** A function to be awaited between pieces of work: it gives way only when the last time is long enough ago. */
export function pauses(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < LONGEST_MS) return;
    await turn();
    last = performance.now();
  };
}
