import { unknownName } from '../suggest.js';

/**
 * An explicit Runge–Kutta method by its Butcher tableau, or Euler–Maruyama. Stage s sees the time
 * t + c_s h and the point x + h Σ_{r<s} a_sr k_r; the step is x + h Σ b_s k_s.
 */
export interface Solver {
  readonly name: string;
  /** Order of convergence; the strong order for an SDE solver with additive noise. */
  readonly order: number;
  readonly stochastic: boolean;
  readonly a: readonly (readonly number[])[];
  readonly b: readonly number[];
  readonly c: readonly number[];
  readonly source: string;
}

const solvers: readonly Solver[] = [
  { name: 'euler', order: 1, stochastic: false, a: [[]], b: [1], c: [0], source: 'Euler 1768' },
  {
    name: 'midpoint',
    order: 2,
    stochastic: false,
    a: [[], [1 / 2]],
    b: [0, 1],
    c: [0, 1 / 2],
    source: 'Runge 1895',
  },
  {
    name: 'heun',
    order: 2,
    stochastic: false,
    a: [[], [1]],
    b: [1 / 2, 1 / 2],
    c: [0, 1],
    source: 'Heun 1900; Karras et al., arXiv 2206.00364, algorithm 1',
  },
  {
    name: 'rk4',
    order: 4,
    stochastic: false,
    a: [[], [1 / 2], [0, 1 / 2], [0, 0, 1]],
    b: [1 / 6, 1 / 3, 1 / 3, 1 / 6],
    c: [0, 1 / 2, 1 / 2, 1],
    source: 'Kutta 1901',
  },
  {
    name: 'euler-maruyama',
    order: 1,
    stochastic: true,
    a: [[]],
    b: [1],
    c: [0],
    source: 'Maruyama 1955; Kloeden & Platen 1992, §10.2',
  },
];

export const solverNames: readonly string[] = solvers.map(({ name }) => name);

/** @throws TributaryError('bad-input') with the nearest valid name */
export function solverByName(name: string): Solver {
  return solvers.find((solver) => solver.name === name) ?? unknownName('solver', name, solverNames);
}
