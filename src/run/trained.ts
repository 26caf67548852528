import type { Backend } from '../backend/backend.js';
import { badInput, TributaryError } from '../errors.js';
import { familyByName } from '../families/registry.js';
import { buildModel } from '../families/shape.js';
import { decodeMetadata } from '../formats/safetensors.js';
import { conditionsOf } from '../model/conditions.js';
import type { LikelihoodMethod, LikelihoodOptions } from '../model/family.js';
import type { Generator, GeneratorOptions } from '../model/generator.js';
import type { Likelihood } from '../model/likelihood.js';
import type { Model } from '../model/model.js';
import type { Trained } from '../model/phase.js';
import type { RunConfig } from '../model/run_config.js';
import type { SampleOptions, Samples } from '../model/samples.js';
import { unknownName } from '../suggest.js';
import { loadTensors, trainingStateHead } from '../train/checkpoint.js';
import { parseRunConfig } from './config_file.js';
import { sampledConfig } from './stages.js';

/** The config that a model's file carries, as it is sampled by; null where it carries none. */
function carriedConfig(bytes: Uint8Array, file: string): RunConfig | null {
  const text = decodeMetadata(bytes, file).get('config');
  if (text === undefined) return null;
  return sampledConfig(parseRunConfig(text, `the config in ${file}`), trainingStateHead(bytes, file).step);
}

/**
 * The config that a model's file carries: with it the file alone rebuilds the model. Its times are those that the
 * model was trained at; one that was distilled knows t = 0 alone.
 * @param file its name, for messages
 * @throws TributaryError('bad-checkpoint') when the bytes are no safetensors file, or carry no config;
 *   TributaryError('bad-input') when the config makes no sense
 */
export function modelConfig(bytes: Uint8Array, file: string): RunConfig {
  const config = carriedConfig(bytes, file);
  if (config !== null) return config;
  throw new TributaryError(
    'bad-checkpoint',
    `${file} carries no config; give the folder of its run, with config.json in it`,
  );
}

/**
 * Loads averaged parameters and constants into a model that was built from the run's config, and which labels they were
 * trained with, where the file carries its config.
 * @throws TributaryError('bad-checkpoint') when a tensor is missing, superfluous or of another shape
 */
export function loadModel(model: Model, bytes: Uint8Array, file: string): void {
  loadTensors(model, bytes, file);
  const config = carriedConfig(bytes, file);
  if (config !== null) model.conditions = conditionsOf(config);
}

/** A trained model of any family, ready to be asked. */
export class TrainedModel<S extends object = object> implements Trained<S> {
  /** @param config as it is sampled by, see `sampledConfig` */
  constructor(
    readonly config: RunConfig<S>,
    readonly model: Trained<S>['model'],
  ) {}

  private get family() {
    return familyByName(this.config.family);
  }

  /** What draws from it, to be destroyed by the caller. @throws TributaryError('bad-input') as the family's does */
  generator(options: GeneratorOptions): Promise<Generator> {
    return this.family.generator(this, options);
  }

  /** Draws from it once. */
  async sample({ n, ...options }: SampleOptions & GeneratorOptions): Promise<Samples> {
    const { seed, tile, sampling, ...asked } = options;
    const generator = await this.generator({
      seed,
      ...(tile === undefined ? {} : { tile }),
      ...(sampling === undefined ? {} : { sampling }),
    });
    try {
      return await generator.sample({ n, ...asked });
    } finally {
      generator.destroy();
    }
  }

  /** @param method one of the family's; the first that the run can be asked by if not given */
  method(method?: string): [string, LikelihoodMethod<S>] {
    return likelihoodMethod(this.config, method) as [string, LikelihoodMethod<S>];
  }

  /**
   * log p of points.
   * @param points [n, dim] in the units of the data
   * @throws TributaryError('bad-input') where the family has no likelihood, or not by that method
   */
  likelihood(
    points: Float64Array,
    { method, ...options }: LikelihoodOptions & { readonly method?: string },
  ): Promise<Likelihood> {
    const [, found] = this.method(method);
    return found.of(this, points, options);
  }

  destroy(): void {
    this.model.destroy();
  }
}

/** Why a run has no likelihood; null where it has one. */
export function noLikelihood(config: RunConfig): string | null {
  const family = familyByName(config.family);
  if (Object.keys(family.likelihood).length === 0)
    return family.withoutLikelihood?.(config) ?? `${family.name} has no density`;
  return family.withoutLikelihood?.(config) ?? null;
}

/**
 * The method by which a run is asked for log p.
 * @throws TributaryError('bad-input') where it has no likelihood, or not by that method, and what would be right
 */
export function likelihoodMethod(config: RunConfig, asked?: string): [string, LikelihoodMethod<object>] {
  const none = noLikelihood(config);
  if (none !== null) badInput(`there is no likelihood: ${none}`);
  const methods = Object.entries(familyByName(config.family).likelihood);
  const names = methods.map(([name]) => name);
  if (asked !== undefined && !names.includes(asked)) unknownName('method', asked, names);
  const fits = ([, { whyNot }]: (typeof methods)[number]) => (whyNot?.(config) ?? null) === null;
  const found = methods.find(([name]) => name === asked) ?? methods.find(fits) ?? methods[0];
  const why = found[1].whyNot?.(config) ?? null;
  if (why !== null) badInput(why);
  return found;
}

/**
 * A trained model from its file.
 * @param bytes safetensors, as training writes them
 * @param options.config the run's, where the file carries none or another one is to count
 * @param options.file what to call the bytes in errors
 * @throws TributaryError('bad-checkpoint') when the bytes are no such file, or carry no config and none is given
 */
export async function openModel(
  engine: Backend,
  bytes: Uint8Array,
  options: { readonly config?: RunConfig; readonly file?: string } = {},
): Promise<TrainedModel> {
  const { file = 'the model' } = options;
  const config = options.config ?? modelConfig(bytes, file);
  const model = buildModel(engine, config);
  try {
    loadTensors(model, bytes, file);
    return new TrainedModel(config, model);
  } catch (error) {
    model.destroy();
    throw error;
  }
}
