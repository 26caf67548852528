import { distance } from 'fastest-levenshtein';
import { badInput } from './errors.js';

/**
 * The word that a mistyped one most probably stands for, by Levenshtein distance, upper and lower case alike.
 * @returns undefined where nothing is near: more than half of the letters would have to change
 */
export function nearest(word: string, words: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of words) {
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < bestDistance) {
      best = candidate;
      bestDistance = edits;
    }
  }
  if (best === undefined) return undefined;
  return bestDistance <= Math.ceil(Math.max(word.length, best.length) / 2) ? best : undefined;
}

/**
 * Throws the `bad-input` error for a name that is not in a list, with the nearest valid name.
 * @param kind what the name names, for the message: 'distribution', 'path' …
 */
export function unknownName(kind: string, word: string, words: readonly string[]): never {
  const guess = nearest(word, words);
  const hint = guess === undefined ? '' : `: did you mean '${guess}'?`;
  badInput(`unknown ${kind} '${word}'${hint}${hint === '' ? ';' : ''} valid names are ${words.join(', ')}`);
}
