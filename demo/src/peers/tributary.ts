/** Tributary on the problem of a race, through its public API. */
import {
  alike,
  createEngine,
  DEFAULT_OPTIMIZER,
  type Engine,
  FixedBatch,
  Model,
  type OptimizerConfig,
  Sampler,
  solverByName,
  solverTable,
  uniformGrid,
} from 'tributary-engine';
import { networkOf, type Problem, probes, type System } from './problem.js';

/** @param engine used and not destroyed; a new one on WebGPU if not given */
export async function tributary(problem: Problem, engine?: Engine): Promise<System> {
  const own = engine ?? (await createEngine({ backend: 'webgpu' }));
  const { x, t, target, learningRate, tile, timeStep } = problem;
  const model = new Model(own, alike(['velocity'], networkOf(problem)), 1, true);
  model.load(new Map(problem.parameters.map(({ name, values }) => [`velocity.${name}`, values])));
  const optimizer: OptimizerConfig = {
    ...DEFAULT_OPTIMIZER,
    ...{ learningRate, warmup: 0, decay: 'constant', clip: 0, ema: 0 },
  };
  const batch = await FixedBatch.create(model, optimizer, { x, t, target });
  // Every step is the first one's work again, whatever its time.
  const table = solverTable(solverByName('euler'), uniformGrid(Math.round(1 / timeStep)));
  const sampler = await Sampler.create(own, model, model.store, table, 1, tile);
  const start = Float64Array.from(problem.start);
  return {
    train: async (steps) => {
      await batch.run(steps);
      return batch.loss();
    },
    sample: async (steps) => {
      for (let left = steps; left > 0; ) {
        const count = Math.min(left, sampler.stepCount);
        await sampler.begin({ start });
        await sampler.advance(count);
        left -= count;
      }
      const { particles } = sampler;
      return Float32Array.from(await own.read(particles.slice(0, probes(problem))));
    },
    destroy: () => {
      sampler.destroy();
      batch.destroy();
      model.destroy();
      if (engine === undefined) own.destroy();
    },
  };
}
