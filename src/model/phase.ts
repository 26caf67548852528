import type { Backend } from '../backend/backend.js';
import type { DeviceArray } from '../backend/kernel.js';
import type { Dataset } from '../data/dataset.js';
import type { Tape, Tensor } from '../nn/tape.js';
import type { Fitted } from './fitted.js';
import type { Model } from './model.js';
import type { RunConfig } from './run_config.js';

/** What a step trains on, in the network's coordinates. */
export interface Source {
  readonly dim: number;
  readonly rows: number;
  /** [rows, dim] */
  readonly points: Float64Array;
  /** [rows]; all 0 where there are none */
  readonly labels: Uint32Array;
  /** [m, dim] points that x0 is drawn from; null for noise */
  readonly base: Float64Array | null;
}

/** Rows of the training data, drawn with replacement. */
export interface Batch {
  /** [rows, dim] */
  readonly x: Tensor;
  /** [rows] of a conditional run, some of them hidden by label dropout; null for others */
  readonly label: DeviceArray | null;
}

/** A network at points: [rows, dim] → [rows, outputs]. */
export type Net = (x: Tensor, t?: Tensor | null, label?: DeviceArray | null) => Tensor;

/**
 * All that a loss may use while it is recorded. Recording happens once: the step is replayed, and what is drawn is
 * drawn anew in every replay, by counters that the clock moves.
 */
export interface Step {
  readonly engine: Backend;
  readonly tape: Tape;
  /** Points of a batch. */
  readonly rows: number;
  readonly clock: DeviceArray;
  /** Of everything that this turn draws; other turns of the same phase, and other phases, have their own. */
  readonly seed: number;
  readonly source: Source;
  /** Classes of the data that the networks are told; 0 for none. */
  readonly classes: number;
  readonly labelDropout: number;
  /**
   * A network by its role.
   * @param of `average` for the moving average and `constant` for the parameters, both of which no gradient reaches;
   *   otherwise the parameters, which are trained where the phase trains the role and constant where it does not
   */
  net(role: string, of?: NetOf): Net;
  /** The batch of this turn: the first call draws it, others give the same. */
  data(): Batch;
  /** Further parameters of the model, held constant where the phase does not train their role. @returns [1, length] */
  parameter(name: string): Tensor;
  /** Standard normals, new in every step. The order in which draws are asked for tells them apart. */
  normal(rows: number, cols: number): Tensor;
  /** Numbers of (0, 1), new in every step. */
  uniform(rows: number, cols: number): Tensor;
  /** Numbers that are the same in every step, on the device for as long as the training lasts. */
  upload(values: ArrayLike<number>, label: string, dtype?: 'float' | 'u32'): DeviceArray;
  /** Puts a number, [1], into the records of the steps without minimising it. */
  observe(name: string, value: DeviceArray): void;
}

/** Whose parameters a network has in a step. */
export type NetOf = 'parameters' | 'average' | 'constant';

/** A loss that has sent its gradient back itself: its values alone are left. */
export interface Started {
  /** [rows] whose sum is the loss */
  readonly rows: DeviceArray;
  readonly started: true;
}

/** One objective and the roles that it trains; a GAN has two. */
export interface Phase {
  readonly name: string;
  /** Roles whose parameters it moves: neighbours in the model's order. */
  readonly trains: readonly string[];
  /** Updates in each step; 1 if not given. */
  readonly times?: number;
  /** Records the losses by name: of each [rows, 1] tensor the mean is minimised, of all of them the sum. */
  record(step: Step): Readonly<Record<string, Tensor | Started>>;
}

/** A trained model with what it was trained for. */
export interface Trained<S extends object = object> {
  readonly config: RunConfig<S>;
  /** Its parameters are the averaged ones. */
  readonly model: Model;
}

/** Part of a training that begins with a fresh optimiser, from the averaged parameters of the one before. */
export interface Stage<S extends object = object> {
  readonly name: string;
  readonly phases: readonly Phase[];
  /**
   * In place of phases: makes the model's fitted numbers from the data in one step. The same points in another order
   * should give the same bits.
   * @param soFar the model that the stage before has left; untrained in the first
   */
  fit?(source: Source, soFar: Trained<S>): Fitted | Promise<Fitted>;
  /** The settings that the model is sampled by when it has come this far; the run's own if not given. */
  readonly settings?: S;
  /** Of its batches; the run's own if not given. */
  readonly seed?: number;
  /**
   * First values of parameters that are taken from the data, by name: of a training's first stage, for one that goes on
   * has them.
   * @param source what it trains on
   */
  initial?(source: Source): ReadonlyMap<string, ArrayLike<number>>;
  /**
   * Makes what it trains on, in the network's coordinates; the run's data if not given.
   * @param before the model of the stage before
   * @param source the run's own data
   */
  prepare?(
    before: Trained<S>,
    source: Source,
    onProgress?: (done: number) => void | Promise<void>,
  ): Promise<Source>;
}

/** What a training monitor tells beside the losses. */
export interface Monitor<R = unknown> {
  measure(step: number): Promise<R>;
  destroy(): void;
}

/** A data set as the networks see it. */
export function sourceOf({ points, labels, dim, rows, base }: Dataset, { transform }: RunConfig): Source {
  const { offset, scale } = transform;
  return {
    ...{ dim, rows, labels },
    points: points.map((value, i) => (value - offset[i % dim]) / scale),
    base: base ?? null,
  };
}
