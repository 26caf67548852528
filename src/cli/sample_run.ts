import type { Backend } from '../backend/backend.js';
import { AmbientLift } from '../data/ambient.js';
import { distributionByName } from '../data/registry.js';
import { badInput, TributaryError } from '../errors.js';
import { familyByName } from '../families/family.js';
import { Model } from '../families/model.js';
import { sdeTerms } from '../samplers/diffusion.js';
import { Sampler } from '../samplers/sampler.js';
import { solverByName } from '../samplers/solvers.js';
import { solverTable, uniformGrid } from '../samplers/table.js';
import { loadModel } from '../train/checkpoint.js';
import type { RunConfig } from '../train/config.js';
import { Interrupt } from './interrupt.js';
import { progressBar } from './progress.js';
import type { RunFolder } from './run_folder.js';

export interface SampleSpec {
  readonly n: number;
  readonly solver: string;
  readonly steps: number;
  readonly seed: number;
  /** ε's scale for an SDE solver. */
  readonly diffusion: number;
  /** One label for all samples of a conditional model; otherwise labels in the training set's proportions. */
  readonly label?: number | undefined;
  /** Times 0 … steps at which to keep all particles. */
  readonly frames?: readonly number[];
  readonly quiet?: boolean | undefined;
}

export interface SampledRun {
  /** [n, dim] in the data's own coordinates, or in the plane of a lifted distribution */
  readonly points: Float64Array;
  readonly frames: readonly Float64Array[];
  readonly labels: Uint32Array | undefined;
  readonly dim: number;
  /** Network evaluations a sample. */
  readonly evaluations: number;
  readonly seconds: number;
}

/** n labels in given proportions, spread evenly by the golden ratio: no class is over- or undersampled by luck. */
export function spreadLabels(n: number, counts: readonly number[]): Uint32Array {
  const total = counts.reduce((a, b) => a + b, 0);
  const golden = (Math.sqrt(5) - 1) / 2;
  return Uint32Array.from({ length: n }, (_, i) => {
    let rest = ((i + 0.5) * golden) % 1;
    for (let label = 0; label < counts.length; label++) {
      rest -= counts[label] / total;
      if (rest < 0) return label;
    }
    return counts.length - 1;
  });
}

function labelsFor(spec: SampleSpec, { classes, labelCounts }: RunConfig['data']): Uint32Array | undefined {
  if (classes === 0) {
    if (spec.label !== undefined) badInput('this model knows no labels: train it with --conditional');
    return undefined;
  }
  if (spec.label === undefined) {
    return spreadLabels(spec.n, labelCounts ?? new Array<number>(classes).fill(1));
  }
  if (spec.label >= classes) badInput(`label ${spec.label} is not one of 0 to ${classes - 1}`);
  return new Uint32Array(spec.n).fill(spec.label);
}

/** Draws samples from a run's averaged model. */
export async function sampleRun(
  engine: Backend,
  folder: RunFolder,
  config: RunConfig,
  spec: SampleSpec,
): Promise<SampledRun> {
  if (!folder.has('model'))
    badInput(`${folder.path} holds no trained model yet: run train with --resume first`);
  const { heads } = familyByName(config.family);
  const solver = solverByName(spec.solver);
  const terms = solver.stochastic ? sdeTerms(config.interpolant, heads, spec.diffusion) : undefined;
  const table = solverTable(solver, uniformGrid(spec.steps), terms);
  const labels = labelsFor(spec, config.data);
  const model = new Model(engine, heads, config.network, config.seed, false);
  const interrupt = new Interrupt();
  const bar = progressBar('sampling', spec.n, spec.quiet);
  try {
    loadModel(model, folder.read('model'), folder.file('model'));
    const sampler = await Sampler.create(engine, model, model.store, table, spec.seed);
    const begin = performance.now();
    const { points, frames } = await sampler.sample({
      n: spec.n,
      ...(labels ? { labels } : {}),
      frames: spec.frames ?? [],
      onProgress: async (done) => {
        bar.update(done);
        await new Promise((resolve) => setImmediate(resolve));
        if (interrupt.requested)
          throw new TributaryError('interrupted', 'interrupted: no samples were written');
      },
    });
    const seconds = (performance.now() - begin) / 1000;
    sampler.destroy();
    const { offset, scale } = config.transform;
    const restore = (values: Float64Array) => {
      const own = values.map((value, i) => value * scale + offset[i % offset.length]);
      if (config.data.ambient === 0) return own;
      const plane = distributionByName(config.data.name).dim;
      return new AmbientLift(plane, config.data.ambient, config.seed).project(own);
    };
    const result = restore(points);
    return {
      points: result,
      frames: frames.map(restore),
      labels,
      dim: result.length / spec.n,
      evaluations: sampler.evaluations,
      seconds,
    };
  } finally {
    bar.stop();
    interrupt.dispose();
    model.destroy();
  }
}
