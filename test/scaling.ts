/** How the time of a reader grows with its input. */
import { expect } from 'vitest';

/** The least time that can be told from noise, and the largest input that is tried to reach it. */
const ENOUGH_MS = 0.1;
const LARGEST = 2 ** 10;
const DOUBLINGS = 8;
/** What a doubling may cost: 2 would be exactly linear, 4 is quadratic. */
const GROWTH = 2.5;
const ROUNDS = 6;

/** Of the processor, not of the clock on the wall: other processes' time does not count. */
function milliseconds(read: (text: string) => unknown, text: string): number {
  const start = process.cpuUsage();
  try {
    read(text);
  } catch {
    // Refused or accepted: what counts is how long it took.
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/**
 * Holds a reader to time(2n) ≤ 2.5 · time(n), on the mean of eight doublings, in which a cache that is left or a
 * collection of garbage counts little. Minima are compared, and taken again while they disagree, because what disturbs
 * a reader only ever adds to its time; one that is not linear fails after any number of rounds.
 * @param input of about n characters
 */
export function expectLinear(read: (text: string) => unknown, input: (n: number) => string): void {
  const least = (text: string) => Math.min(...[1, 2].map(() => milliseconds(read, text)));
  let n = 32;
  while (n < LARGEST && least(input(n)) < ENOUGH_MS) n *= 2;
  const [small, large] = [input(n), input(n * 2 ** DOUBLINGS)];
  let [short, long] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const growth = () => (long / Math.max(short, ENOUGH_MS)) ** (1 / DOUBLINGS);
  for (let round = 0; round < ROUNDS && (round === 0 || growth() > GROWTH); round++) {
    short = Math.min(short, least(small));
    long = Math.min(long, milliseconds(read, large));
  }
  const about = `${JSON.stringify(small.slice(0, 60))}: ${small.length} characters ${short} ms, ${large.length} ${long} ms`;
  expect(growth(), about).toBeLessThanOrEqual(GROWTH);
}
