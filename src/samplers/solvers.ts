import { badInput } from '../errors.js';
import { unknownName } from '../suggest.js';
import { ddim, dpmSolver, rungeKutta } from './ode_steps.js';
import { ancestral, edmChurn, eulerMaruyama, sdeHeun } from './sde_steps.js';
import type { Solver } from './solver.js';
import { Terms } from './terms.js';

const ode = { asymptotic: 100, stochastic: false, freeDiffusion: false, oneSided: false } as const;
const sde = { asymptotic: 100, stochastic: true, freeDiffusion: true, oneSided: false } as const;
const ownNoise = { ...sde, freeDiffusion: false } as const;

const solvers: readonly Solver[] = [
  rungeKutta('euler', 1, [[]], [1], [0], 'Euler 1768'),
  rungeKutta('midpoint', 2, [[], [1 / 2]], [0, 1], [0, 1 / 2], 'Runge 1895'),
  rungeKutta('heun', 2, [[], [1]], [1 / 2, 1 / 2], [0, 1], 'Heun 1900; arXiv 2206.00364, algorithm 1'),
  rungeKutta(
    'rk4',
    4,
    [[], [1 / 2], [0, 1 / 2], [0, 0, 1]],
    [1 / 6, 1 / 3, 1 / 3, 1 / 6],
    [0, 1 / 2, 1 / 2, 1],
    'Kutta 1901',
  ),
  { ...ode, name: 'ddim', order: 1, oneSided: true, source: 'Song et al., arXiv 2010.02502', step: ddim },
  {
    ...ode,
    name: 'dpm-solver++',
    order: 2,
    oneSided: true,
    source: 'Lu et al., arXiv 2211.01095, algorithm 2 (2M)',
    step: dpmSolver,
  },
  {
    ...sde,
    name: 'euler-maruyama',
    order: 1,
    source: 'Maruyama 1955; Kloeden & Platen 1992, §10.2',
    step: eulerMaruyama,
  },
  {
    ...sde,
    name: 'sde-heun',
    order: 2,
    source: 'Kloeden & Platen 1992, §15.1, for additive noise',
    step: sdeHeun,
  },
  {
    ...ownNoise,
    name: 'edm-churn',
    order: 1,
    oneSided: true,
    source: 'Karras et al., arXiv 2206.00364, algorithm 2',
    step: edmChurn,
  },
  {
    ...ownNoise,
    name: 'ancestral',
    order: 1,
    oneSided: true,
    source: 'Ho, Jain & Abbeel, arXiv 2006.11239, algorithm 2',
    step: ancestral,
  },
  {
    ...sde,
    name: 'predictor-corrector',
    order: 1,
    source: 'Song et al., arXiv 2011.13456, algorithms 1, 4 and 5',
    step: eulerMaruyama,
    corrects: true,
  },
  {
    ...ownNoise,
    name: 'langevin',
    order: 1,
    source: 'Song & Ermon, arXiv 1907.05600, with the probability flow between the levels',
    step: (builder, { t, next, field }) => {
      const { clock } = field;
      builder.result = Terms.x.plus(builder.motion(t, Terms.x), clock.uOf(next) - clock.uOf(t));
    },
    corrects: true,
  },
];

/** The names of the solvers that take a diffusion ε(t). */
export const freeSolvers = (): string[] =>
  solvers.filter(({ freeDiffusion }) => freeDiffusion).map(({ name }) => name);

/** Solvers with a table of steps: all but the adaptive one. */
export const tableSolverNames: readonly string[] = solvers.map(({ name }) => name);

export const solverNames: readonly string[] = [...tableSolverNames, 'dopri5'];

/** @throws TributaryError('bad-input') with the nearest valid name, and for the adaptive solver, which has no table */
export function solverByName(name: string): Solver {
  if (name === 'dopri5') badInput('dopri5 chooses its own steps: it has a tolerance and no table of steps');
  return solvers.find((solver) => solver.name === name) ?? unknownName('solver', name, solverNames);
}
