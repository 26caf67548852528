/** How the time of a reader grows with its input. */
import { expect } from 'vitest';

/** A text of n characters is read as often as one of so many times n characters is longer. */
const LONGER = 256;
/** The lengths that are tried, in characters; the last only where the one before leaves a doubt. */
const [BRIEF, USUAL, LARGEST] = [64, 512, 4096];
/**
 * What reading at once may cost of what reading in pieces does, where a linear reader is at 1 and a quadratic one, in
 * the end, at {@link LONGER}. Memory that is fetched anew and no longer fits the caches costs some ten times as much,
 * and no more than that however long the text grows.
 */
const BOUND = 64;
const DOUBT = 8;
/** The least time that can be told from noise, and what leaves no doubt about it. */
const ENOUGH_MS = 0.25;
const PLENTY_MS = 40;
/** Least times are compared, of so many readings, or of those that these milliseconds hold. */
const ROUNDS = 10;
const PATIENCE_MS = 1000;

/** Of the processor, not of the clock on the wall: other processes' time does not count. */
function milliseconds(read: (text: string) => unknown, text: string, times: number): number {
  const start = process.cpuUsage();
  for (let i = 0; i < times; i++) {
    try {
      read(text);
    } catch {
      // Refused or accepted: what counts is how long it took.
    }
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** @returns what a long text costs, of what as many characters in short ones do, and that in words */
function growthAt(read: (text: string) => unknown, input: (n: number) => string, n: number) {
  const [short, long] = [input(n), input(n * LONGER)];
  let [pieces, whole, growth, spent] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
  for (let round = 0; round === 0 || (growth > DOUBT && round < ROUNDS && spent < PATIENCE_MS); round++) {
    const both = [milliseconds(read, short, LONGER), milliseconds(read, long, 1)] as const;
    spent += both[0] + both[1];
    [pieces, whole] = [Math.min(pieces, both[0]), Math.min(whole, both[1])];
    growth = whole / Math.max(pieces, ENOUGH_MS);
  }
  const start = JSON.stringify(short.slice(0, 60));
  return {
    growth,
    whole,
    words: `${start}: ${LONGER} times ${short.length} characters ${pieces} ms, ${long.length} at once ${whole} ms`,
  };
}

/**
 * Holds a reader to time(256 n) ≤ 64 · 256 · time(n). The short text is read 256 times, so that as many characters are
 * read both ways, within one moment, by code that is as warm and with as much garbage: what a busy machine does to one
 * it does to the other. Readings are repeated while they leave a doubt, because what disturbs a reader only ever adds to
 * its time; what still looks dearer is tried on a text eight times as long, where a reader that is not linear is eight
 * times as far off, and one whose memory only comes from farther away stays where it is.
 * @param input of about n characters
 */
export function expectLinear(read: (text: string) => unknown, input: (n: number) => string): void {
  for (const n of [BRIEF, USUAL, LARGEST]) {
    const { growth, whole, words } = growthAt(read, input, n);
    expect(growth, words).toBeLessThanOrEqual(BOUND);
    if ((n === USUAL || whole > PLENTY_MS) && growth <= DOUBT) return;
  }
}
