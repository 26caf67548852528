import { PATIENCE } from './browser.js';

/** Milliseconds between two looks. */
const PAUSE = 30;

export const pause = (ms = PAUSE): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Looks again and again until what is seen will do.
 * @throws Error with what `complaint` says of the last look, when it never will
 */
export async function until<T>(
  look: () => T | Promise<T>,
  will: (seen: T) => boolean,
  complaint: (seen: T) => string,
): Promise<T> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const seen = await look();
    if (will(seen)) return seen;
    if (performance.now() > end) throw new Error(complaint(seen));
    await pause();
  }
}
