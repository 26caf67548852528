/**
 * Walks over all that can be combined take longer than they may where every change is tested: `npm test` takes a part of
 * each in which nothing is missing that a thing of its own can be said of, `npm run test:walks` takes all.
 */
export const WHOLE = process.env.TEST_WALKS === 'whole';

/**
 * Of a walk as few steps as show everything once, each the one that shows the most that is new; all in a whole one.
 * @param shows what is to be met once at least: values, and pairs of values that may have to do with each other
 */
export function walk<T>(all: readonly T[], shows: (one: T) => readonly string[]): readonly T[] {
  if (WHOLE) return all;
  const left = new Map(all.map((one) => [one, new Set(shows(one).map((text, i) => `${i} ${text}`))]));
  const taken = new Set<T>();
  for (;;) {
    const [best, fresh] = [...left].reduce((most, own) => (own[1].size > most[1].size ? own : most), [
      undefined,
      new Set<string>(),
    ] as readonly [T | undefined, Set<string>]);
    if (best === undefined) return all.filter((one) => taken.has(one));
    taken.add(best);
    left.delete(best);
    const met = [...fresh];
    for (const own of left.values()) for (const text of met) own.delete(text);
  }
}

/** How many, of a walk without end: `few` for every change, `many` in a whole one. */
export const often = (few: number, many: number): number => (WHOLE ? many : few);
