import { distance } from 'fastest-levenshtein';
import { badInput } from './errors.js';

/** A word as a message shows it: at most so many letters, in one line. */
export function brief(word: string, most = 60): string {
  const line = word.slice(0, most + 1).replace(/\p{C}+/gu, ' ');
  return line.length > most ? `${line.slice(0, most)}…` : line;
}

/** Any value as a message shows it; no value makes this throw. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'bigint') return brief(`${value}n`);
  if (typeof value === 'symbol' || typeof value === 'function') return `a ${typeof value}`;
  try {
    return brief(JSON.stringify(value) ?? 'an object');
  } catch {
    return 'an object';
  }
}

/**
 * The word that a mistyped one most probably stands for, by Levenshtein distance, upper and lower case alike.
 * @returns undefined where nothing is near: more than half of the letters would have to change
 */
export function nearest(word: string, words: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  // No name is so long, and the distance takes as many steps as the letters' product.
  if (word.length > 1000) return undefined;
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
export function unknownName(kind: string, word: unknown, words: readonly string[]): never {
  if (typeof word !== 'string') badInput(`${kind} is ${shown(word)}; it must be a name: ${words.join(', ')}`);
  const guess = nearest(word, words);
  const hint = guess === undefined ? '' : `: did you mean '${guess}'?`;
  badInput(
    `unknown ${kind} '${brief(word)}'${hint}${hint === '' ? ';' : ''} valid names are ${words.join(', ')}`,
  );
}
