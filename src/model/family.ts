import type { Dataset } from '../data/dataset.js';
import type { ParameterSource } from '../nn/parameters.js';
import type { Settings } from '../settings.js';
import type { Generator, GeneratorOptions } from './generator.js';
import type { Likelihood } from './likelihood.js';
import type { Model, ModelShape } from './model.js';
import type { Monitor, Source, Stage, Trained } from './phase.js';
import type { DataScale, RunConfig } from './run_config.js';

/** Kinds of families, as lists sort them. */
export const familyGroups = [
  'interpolant',
  'latent-variable',
  'flow',
  'adversarial',
  'energy',
  'autoregressive',
  'discrete',
  'one-step',
  'baseline',
  'own',
] as const;
export type FamilyGroup = (typeof familyGroups)[number];

/** One way of asking a family for log p. */
export interface LikelihoodMethod<S extends object> {
  readonly kind: 'exact' | 'numerical' | 'bound' | 'discretised';
  readonly summary: string;
  /** Which of {@link LIKELIHOOD_SETTINGS} it looks at; none if not given. */
  readonly uses?: readonly LikelihoodSetting[];
  /** Whether its numbers hang on the points alone, so that the seed does not count. */
  readonly deterministic?: true;
  /** Why a run cannot be asked so, and what can; null where it can. */
  whyNot?(run: RunConfig<S>): string | null;
  /** @param points [n, dim] in the units of the data */
  of(model: Trained<S>, points: Float64Array, options: LikelihoodOptions): Promise<Likelihood>;
}

/** What a caller may ask of a method: how a flow is integrated, how many latents or times, where a bound ends. */
export const LIKELIHOOD_SETTINGS = ['solver', 'steps', 'finest', 'probes', 'truncation', 'guidance'] as const;
export type LikelihoodSetting = (typeof LIKELIHOOD_SETTINGS)[number];

/** Sets of points in one plane, side by side. */
export interface FamilyPicture {
  readonly title: string;
  /** What is to be seen, in a sentence or two. */
  readonly note: string;
  readonly sets: readonly {
    readonly name: string;
    readonly text: string;
    /** [n, 2] */
    readonly points: Float64Array;
    /** [n] */
    readonly labels?: Uint32Array;
  }[];
  /** The frame: that of the data's pictures, or one around these points if not given. */
  readonly bounds?: 'data';
}

/** What every method of a likelihood takes. */
export interface LikelihoodOptions {
  /** [n] of a conditional model; its number of classes means "no label" */
  readonly labels?: Uint32Array;
  readonly seed: number;
  /** Of the method's own. */
  readonly settings?: object;
  readonly onProgress?: (share: number) => void | Promise<void>;
}

/** A kind of generative model: everything that the engine knows of it. A family's file reads like its paper. */
export interface Family<S extends object = object> {
  /** As it is asked for: `flow-matching`. */
  readonly name: string;
  readonly group: FamilyGroup;
  /** In one line. */
  readonly summary: string;
  /** Its objective, in the symbols of the source. */
  readonly formula: string;
  /** Paper and equation. */
  readonly source: string;
  /** What may be set, with types, ranges, defaults and a line of help each. */
  readonly settings: Settings<S>;
  /** Complete settings, for data of such a scale. */
  usual(data: DataScale): S;
  /**
   * What the description of the settings does not say of them.
   * @throws TributaryError('bad-input') with the first setting that makes no sense in this run, and what would
   */
  check(run: RunConfig<S>): void;
  /** Networks and further parameters. */
  model(run: RunConfig<S>): ModelShape;
  stages(run: RunConfig<S>): readonly Stage<S>[];
  generator(model: Trained<S>, options: GeneratorOptions): Promise<Generator>;
  /** By method: the first that a run can be asked by is taken unasked. Empty for a family without a density. */
  readonly likelihood: Readonly<Record<string, LikelihoodMethod<S>>>;
  /** Why a run has no likelihood at all; null where it has one. */
  withoutLikelihood?(run: RunConfig<S>): string | null;
  /**
   * Pictures of what only this family has, for the report of a run.
   * @param source what was trained on, in the network's coordinates
   */
  pictures?(trained: Trained<S>, source: Source, seed: number): Promise<readonly FamilyPicture[]>;
  /** What is measured in the course of a training beside the losses; null where there is nothing to measure. */
  monitor?(training: Monitored<S>, dataset: Dataset): Promise<Monitor | null>;
}

/** A training as its monitor sees it. */
export interface Monitored<S extends object = object> {
  readonly config: RunConfig<S>;
  readonly model: Model;
  /** The averaged parameters, as they are at each look. */
  readonly average: ParameterSource;
}
