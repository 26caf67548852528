/** A sample of the table that `npm run bench:combinations` makes in full, at fewer points. */
import { beforeAll, describe, expect, it } from 'vitest';
import { combinationsOf, interpolantsOf } from '../../bench/combinations/cases.js';
import { attemptsOf, Judge } from '../../bench/combinations/judge.js';
import { distributionByName } from '../../src/data/registry.js';
import { solverNames } from '../../src/samplers/solvers.js';

const mixture = distributionByName('8gaussians').mixture!;
const other = distributionByName('gaussian-2').mixture!;
const interpolants = interpolantsOf(mixture, other);
const all = interpolants.flatMap((interpolant) => combinationsOf(interpolant, false));
/** One in so many of a solver's combinations, each solver from a place of its own. */
const EVERY = 31;
const sampled = solverNames.flatMap((name, at) => {
  const own = all.filter(({ options }) => options.solver === name);
  return own.filter((_, k) => (k + 11 * at + 5) % Math.min(EVERY, own.length) === 0);
});

let judge: Judge;
beforeAll(() => {
  judge = new Judge(mixture, 1000);
});

describe('combinations on the exact field', () => {
  it('the sample meets every solver and most interpolants', () => {
    const solvers = new Set(sampled.map(({ options }) => options.solver));
    expect([...solvers].sort()).toEqual([...solverNames].sort());
    expect(new Set(sampled.map(({ interpolant }) => interpolant)).size).toBeGreaterThan(
      interpolants.length / 2,
    );
  });

  it.each(
    sampled.map((combination, k) => {
      const { solver, diffusion, lastStep } = combination.options;
      const name = [combination.interpolant.name, solver, diffusion?.name, lastStep]
        .filter(Boolean)
        .join(', ');
      return [name, combination, k] as const;
    }),
  )('%s: within two standard errors of what true points score', async (_, combination, k) => {
    const attempts = await attemptsOf(combination, judge, 1000 + 9 * k);
    expect(attempts.at(-1)!.within, JSON.stringify(attempts)).toBe(true);
  });

  it('a spread that is wrong by a tenth is far above', () => {
    const { points } = mixture.sample(1000, 5);
    expect(judge.distance(points)).toBeLessThan(judge.bound(1));
    expect(judge.distance(points.map((value) => 1.1 * value))).toBeGreaterThan(judge.bound(1));
  });
});
