import type { Field } from './field.js';
import type { StepBuilder } from './step.js';

/** Where a step goes, and what may be chosen for it. */
export interface StepPlace {
  readonly t: number;
  readonly next: number;
  /** Where the step before began; null where there is none that this one can go on from. */
  readonly before: number | null;
  /** Whether the step leaves the times that the model was trained at: what is known at t is held. */
  readonly hold: boolean;
  /** The number of the grid's step, and how many there are. */
  readonly index: number;
  readonly steps: number;
  readonly field: Field;
  /** ε(t) for steps of this length. */
  readonly epsilon: (t: number) => number;
  readonly churn: ChurnOptions;
  readonly corrector: CorrectorOptions;
}

/** EDM's algorithm 2 (arXiv 2206.00364, table 5, in units of σ = α/β). */
export interface ChurnOptions {
  readonly churn: number;
  readonly least: number;
  readonly most: number;
  readonly noise: number;
}

/** Langevin steps after each step of a predictor (arXiv 2011.13456, algorithms 4 and 5). */
export interface CorrectorOptions {
  readonly steps: number;
  /** The signal-to-noise ratio r of a Langevin step. */
  readonly ratio: number;
}

export const DEFAULT_CHURN: ChurnOptions = { churn: 40, least: 0.05, most: 50, noise: 1 };
export const DEFAULT_CORRECTOR: CorrectorOptions = { steps: 1, ratio: 0.16 };

/** An explicit Runge–Kutta method: stage s sees t + c_s h and x + h Σ_{r<s} a_sr k_r, the step is x + h Σ b_s k_s. */
export interface Tableau {
  readonly a: readonly (readonly number[])[];
  readonly b: readonly number[];
  readonly c: readonly number[];
}

export interface Solver {
  readonly name: string;
  /** Order of convergence; of an SDE solver the weak order. */
  readonly order: number;
  /**
   * Steps from which on, on the default grid of a path, the error of N(2, 0.3²) falls by the order: fewer do not
   * resolve a width of 0.3 beside the noise.
   */
  readonly asymptotic: number;
  readonly stochastic: boolean;
  /** Whether ε(t) is the caller's to choose; other SDE solvers bring the noise that is theirs. */
  readonly freeDiffusion: boolean;
  /** Whether it is made of noise levels, for one-sided interpolants from noise to data. */
  readonly oneSided: boolean;
  readonly source: string;
  /** Of a Runge–Kutta method on the flow: what a density's integral along it is made with. */
  readonly tableau?: Tableau;
  /** Writes one step down. */
  step(builder: StepBuilder, place: StepPlace): void;
  /** Langevin steps at the new time, each a step of its own. */
  corrects?: boolean;
}
