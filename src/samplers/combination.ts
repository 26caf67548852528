import type { Head } from '../interpolant/heads.js';

/** x·X + Σ_h heads[h]·F_h on the particles X and the networks' raw outputs F; null for a head it does without. */
export interface Combination {
  readonly x: number;
  readonly heads: readonly (number | null)[];
}

/** A combination of some heads by name, with null for the others. */
export const only = (heads: readonly Head[], values: Partial<Record<Head, number>>, x = 0): Combination => ({
  x,
  heads: heads.map((head) => values[head] ?? null),
});

export const scaled = ({ x, heads }: Combination, factor: number, ownFactor = 1): Combination => ({
  x: factor * ownFactor * x,
  heads: heads.map((value) => (value === null ? null : factor * value)),
});

export const added = (a: Combination, b: Combination): Combination => ({
  x: a.x + b.x,
  heads: a.heads.map((value, h) => {
    const other = b.heads[h];
    return value === null && other === null ? null : (value ?? 0) + (other ?? 0);
  }),
});
