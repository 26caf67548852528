import { orderedRows } from '../data/canonical.js';
import { permutedRows } from '../random/permutation.js';
import { CounterRandom, STREAM } from '../random/random.js';
import { expectationMaximisation, meanLogLikelihood, startComponents } from './em.js';

/** Rows that a number of components is chosen on, at most. */
export const SELECTION_ROWS = 4000;
const FOLDS = 3;
const MOST_COMPONENTS = 256;
/** Candidates in a row that are worse than the best before no more are tried. */
const PATIENCE = 3;

/** Steps of the random stream: starts of a fit are numbered up to a thousand for each number of components. */
export const startRandom = (seed: number, components: number, start: number) =>
  new CounterRandom(seed, STREAM.baselineFit, 1000 * components + start);

/**
 * The number of components whose mixture gives the greatest mean ln p of rows that it was not fitted to, in turn each
 * third of them (of {@link SELECTION_ROWS} at most): 1, 2, 3, 4, 6, 8, 12 … until three are worse, then the numbers
 * half way to the neighbours of the best, twice. No more than leaves each component d + 2 rows.
 * @param rows [n, d]
 */
export function selectComponents(rows: Float64Array, d: number, seed: number): number {
  const all = rows.length / d;
  const n = Math.min(all, SELECTION_ROWS);
  const chosen = orderedRows(rows, d, permutedRows(all, n, seed, STREAM.baselineFit, 0));
  const folds = Array.from({ length: FOLDS }, (_, fold) => {
    const [own, others]: [number[], number[]] = [[], []];
    for (let row = 0; row < n; row++) (row % FOLDS === fold ? own : others).push(row);
    const take = (part: number[]) => orderedRows(chosen, d, Uint32Array.from(part));
    return { fit: take(others), judge: take(own) };
  });
  const most = Math.min(MOST_COMPONENTS, Math.floor((n - Math.ceil(n / FOLDS)) / (d + 2)));
  if (most < 2) return 1;
  const scores = new Map<number, number>();
  const score = (k: number): number => {
    const known = scores.get(k);
    if (known !== undefined) return known;
    const total = folds.reduce((sum, { fit, judge }, fold) => {
      const start = startComponents(fit, d, k, startRandom(seed, k, 500 + fold));
      const { components } = expectationMaximisation(fit, d, start, 1e-4, 60);
      return sum + meanLogLikelihood(judge, d, components) / FOLDS;
    }, 0);
    scores.set(k, total);
    return total;
  };
  const candidates: number[] = [];
  for (let k = 1; k <= most; k *= 2) {
    candidates.push(k);
    if (k >= 2 && 1.5 * k <= most) candidates.push(1.5 * k);
  }
  let best = 1;
  let worse = 0;
  for (const k of candidates) {
    if (k === 1) score(k);
    else if (score(k) > score(best)) [best, worse] = [k, 0];
    else if (++worse === PATIENCE) break;
  }
  for (let round = 0; round < 2; round++) {
    const tried = [...scores.keys()].sort((a, b) => a - b);
    const at = tried.indexOf(best);
    for (const other of [tried[at - 1], tried[at + 1]]) {
      const between = Math.round((best + (other ?? best)) / 2);
      if (score(between) > score(best)) best = between;
    }
  }
  return best;
}
