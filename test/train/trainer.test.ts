import { describe, expect, it } from 'vitest';
import { trainingSet } from '../../src/data/dataset.js';
import { distributionByName } from '../../src/data/registry.js';
import { createEngine } from '../../src/engine.js';
import { ExcessMonitor } from '../../src/families/interpolant/excess.js';
import { evaluateSamples } from '../../src/metrics/evaluate.js';
import type { Model } from '../../src/model/model.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { createTrainer } from '../../src/run/create_trainer.js';
import { defaultTransform, type RunOptions, runConfig } from '../../src/run/defaults.js';
import { loadModel } from '../../src/run/trained.js';
import { fieldOf } from '../../src/samplers/field.js';
import { integrate } from '../../src/samplers/integrate.js';
import { Sampler } from '../../src/samplers/sampler.js';
import { solverByName } from '../../src/samplers/solvers.js';
import { solverTable, uniformGrid } from '../../src/samplers/table.js';
import { decodeTrainingState, encodeModel, encodeTrainingState } from '../../src/train/checkpoint.js';
import { hostField } from './host_field.js';

const small = { hidden: 32, inner: 64, blocks: 2, pointFrequencies: 8, pointFrequencyScale: 0.2 };

function setup(name: string, rows: number, options: Partial<RunOptions>, conditional = false) {
  const dataset = trainingSet(distributionByName(name), rows, 0);
  const config = runConfig({
    data: {
      name,
      rows,
      dim: dataset.dim,
      ambient: 0,
      classes: conditional ? dataset.classes : 0,
      digest: '',
    },
    transform: defaultTransform(dataset.points, dataset.dim, true),
    network: small,
    batch: 256,
    ...options,
  });
  return { dataset, config };
}

describe('training', () => {
  it('a flow-matching model learns eight Gaussians: excess loss falls, samples come near the floor', async () => {
    const { dataset, config } = setup('8gaussians', 4000, { steps: 900 });
    const engine = await createEngine();
    const trainer = await createTrainer(engine, config, dataset);
    const monitor = await ExcessMonitor.create(trainer, dataset);
    const before = await monitor!.measure(0);
    const records = await trainer.train(900);
    records.push(...(await trainer.flush()));
    expect(records.map(({ step }) => step)).toEqual(Array.from({ length: 900 }, (_, i) => i + 1));
    const after = await monitor!.measure(900);
    expect(after.overOracle!).toBeLessThan(0.03 * before.overOracle!);

    const view = trainer.model.store.view(trainer.optimizer.average);
    const table = solverTable(solverByName('heun'), uniformGrid(20));
    const sampler = await Sampler.create(engine, trainer.model, view, table, 3);
    const { points } = await sampler.sample({ n: 2000 });
    const { metrics } = evaluateSamples({ points, distribution: dataset.distribution!, seed: 1 });
    expect(metrics.sliced_w2.value).toBeLessThan(4 * metrics.sliced_w2.floor);
    expect(metrics.mode_coverage.value).toBe(1);
    engine.destroy();
  });

  it('is judged without a label too where label dropout trains that branch, and only there', async () => {
    const engine = await createEngine();
    const measured = async (labelDropout: number, steps: number) => {
      const { dataset, config } = setup('8gaussians', 1000, { steps, labelDropout }, true);
      const trainer = await createTrainer(engine, config, dataset);
      const monitor = await ExcessMonitor.create(trainer, dataset);
      const before = await monitor!.measure(0);
      await trainer.train(steps);
      const after = await monitor!.measure(steps);
      monitor!.destroy();
      trainer.destroy();
      return { before, after };
    };
    const always = await measured(0, 1);
    expect(always.after.unlabelled).toBeNull();
    const { before, after } = await measured(0.5, 200);
    expect(after.overOracle!).toBeLessThan(0.2 * before.overOracle!);
    expect(after.unlabelled!.overOracle!).toBeLessThan(0.2 * before.unlabelled!.overOracle!);
    expect(after.unlabelled!.overMemorising).toBeLessThan(0.2 * before.unlabelled!.overMemorising);
    // Of a model that knows labels the branch without one is another function: that of no classes at all.
    expect(after.unlabelled!.overOracle).not.toBe(after.overOracle);
    // Almost never trained: judged, and far off.
    const rarely = await measured(1e-9, 200);
    expect(rarely.after.overOracle!).toBeLessThan(0.2 * rarely.before.overOracle!);
    expect(rarely.after.unlabelled!.overOracle!).toBeGreaterThan(5 * after.unlabelled!.overOracle!);
    engine.destroy();
  });

  it('a stochastic interpolant learns drift and denoiser, and its SDE and ODE agree', async () => {
    const { dataset, config } = setup('gaussian-2', 4000, { family: 'stochastic-interpolant', steps: 700 });
    const engine = await createEngine();
    const trainer = await createTrainer(engine, config, dataset);
    await trainer.train(700);
    const last = (await trainer.flush()).at(-1)!;
    expect(Object.keys(last.losses)).toEqual(['drift', 'denoiser']);
    const view = trainer.model.store.view(trainer.optimizer.average);
    const field = fieldOf(config.settings);
    const diffusion = { name: 'sigma', scale: 0.5 } as const;
    for (const table of [
      solverTable(solverByName('heun'), uniformGrid(25), field),
      solverTable(solverByName('euler-maruyama'), uniformGrid(100), field, { diffusion }),
    ]) {
      const sampler = await Sampler.create(engine, trainer.model, view, table, 3);
      const { points } = await sampler.sample({ n: 3000 });
      const mean = points.reduce((a, b) => a + b, 0) / points.length;
      const std = Math.sqrt(points.reduce((a, b) => a + (b - mean) ** 2, 0) / points.length);
      // N((2, 2), 0.5²): a sign error in the denoiser would double or halve the spread.
      expect(Math.abs(mean - 2)).toBeLessThan(0.08);
      expect(Math.abs(std - 0.5)).toBeLessThan(0.06);
    }
    engine.destroy();
  });

  it('a state goes through safetensors and back to the bit, and the model file rebuilds the sampler', async () => {
    const { dataset, config } = setup('moons', 200, { steps: 40, batch: 32 }, true);
    const engine = await createEngine();
    const trainer = await createTrainer(engine, config, dataset);
    await trainer.train(13);
    const state = await trainer.state();
    const bytes = encodeTrainingState(trainer.model, state);
    const second = await createTrainer(engine, config, dataset);
    second.restore(decodeTrainingState(bytes, 'test'));
    expect(second.step).toBe(13);
    await trainer.train(27);
    await second.train(27);
    const ends = [await trainer.state(), await second.state()].map((end) =>
      encodeTrainingState(trainer.model, end),
    );
    expect(ends[0]).toEqual(ends[1]);

    const view = trainer.model.store.view(trainer.optimizer.average);
    const table = solverTable(solverByName('midpoint'), uniformGrid(6));
    const labels = Uint32Array.from({ length: 50 }, (_, i) => i % 2);
    const direct = await (await Sampler.create(engine, trainer.model, view, table, 3)).sample({
      n: 50,
      labels,
    });
    second.model.load(new Map([...(await trainer.state()).average, ...constants(trainer.model)]));
    loadModel(second.model, encodeModel(trainer.model, await trainer.state()), 'test');
    const loaded = await (await Sampler.create(engine, second.model, second.model.store, table, 3)).sample({
      n: 50,
      labels,
    });
    expect(loaded.points).toEqual(direct.points);
    engine.destroy();
  });

  it('refuses samples that cannot be, and two requests at once', async () => {
    const { dataset, config } = setup('moons', 100, { steps: 4, batch: 16 }, true);
    const engine = await createEngine();
    const trainer = await createTrainer(engine, config, dataset);
    const { model } = trainer;
    const table = solverTable(solverByName('euler'), uniformGrid(4));
    const sampler = await Sampler.create(engine, model, model.store, table, 1);
    const labels = Uint32Array.of(0, 1, 2);
    for (const [options, message] of [
      [{ n: 0, labels }, /samples is 0/],
      [{ n: 3 }, /needs 3 labels/],
      [{ n: 3, labels: Uint32Array.of(0, 1, 4e9) }, /label 4000000000 of sample 3 is not one of 0 to 2/],
      [{ n: 3, labels, frames: [5] }, /frame 5 is not a step from 0 to 4/],
      [{ n: 3, labels, start: new Float64Array(5) }, /need 6 starting coordinates, got 5/],
      [{ n: 3, labels, start: new Float64Array(6).fill(Number.NaN) }, /not finite/],
    ] as const) {
      await expect(sampler.sample(options)).rejects.toThrow(message);
    }
    const first = sampler.sample({ n: 3, labels });
    await expect(sampler.sample({ n: 3, labels })).rejects.toThrow(/in the middle of other samples/);
    expect((await first).points).toHaveLength(6);
    const steps = trainer.train(2);
    await expect(trainer.train(2)).rejects.toThrow(/in the middle of other steps/);
    await steps;
    await expect(trainer.train(1.5)).rejects.toThrow(/whole number/);
    expect(() => trainer.restore({ step: 9 } as never)).toThrow(/at step 9, the config ends at 4/);
    const sde = solverTable(
      solverByName('euler-maruyama'),
      uniformGrid(4),
      fieldOf(setup('moons', 10, { family: 'stochastic-interpolant' }).config.settings),
    );
    await expect(Sampler.create(engine, model, model.store, sde, 1)).rejects.toThrow(/needs a drift/);
    const short = { ...dataset, points: dataset.points.slice(2) };
    await expect(createTrainer(engine, config, short)).rejects.toThrow(/describes 100 labelled points/);
    engine.destroy();
  });

  it('refuses a config that makes no sense, and labels that are missing', async () => {
    const engine = await createEngine();
    for (const [change, message] of [
      [{ steps: 0 }, /steps is 0/],
      [{ batch: 2.5 }, /batch is 2.5/],
      [{ network: { ...small, hidden: 0 } }, /hidden is 0/],
      [{ optimizer: { learningRate: Number.NaN } }, /learningRate is NaN/],
      [{ family: 'stochastic-interpolant', batch: 3 }, /antithetic pairs need an even/],
      [{ settings: { timeMin: 0.9, timeMax: 0.1 } }, /not inside 0 to 1/],
      [{ settings: { gamma: 'sqr' } }, /unknown settings gamma 'sqr': did you mean 'sqrt'/],
      [{ settings: { antithetic: 'no' } }, /must be true or false/],
      [{ optimizer: { learningRate: '0.1' } }, /must be a number/],
    ] as const) {
      const { dataset, config } = setup('moons', 10, change as Partial<RunOptions>);
      await expect(createTrainer(engine, config, dataset)).rejects.toThrow(message);
    }
    engine.destroy();
  });
});

function constants(model: Model): [string, Float64Array][] {
  return [...model.constants].map(([name, { values }]) => [name, values]);
}

describe('the sampler on a device', () => {
  it.each(['euler', 'midpoint', 'heun', 'rk4', 'euler-maruyama'])(
    '%s agrees with the float64 integrator on the same network, whatever the tile',
    async (name) => {
      const { dataset, config } = setup('8gaussians', 500, { steps: 30, family: 'stochastic-interpolant' });
      const engine = await createEngine();
      const trainer = await createTrainer(engine, config, dataset);
      await trainer.train(30);
      const { model } = trainer;
      const solver = solverByName(name);
      const table = solverTable(solver, uniformGrid(8), fieldOf(config.settings));
      const n = 37;
      const start = new CounterRandom(11, STREAM.start);
      const x = Float64Array.from({ length: 2 * n }, (_, i) => start.normal(i));

      const exact = await hostField(model);
      const expected = integrate(table, exact, x, { seed: 11 });
      for (const tile of [5, 64]) {
        const sampler = await Sampler.create(engine, model, model.store, table, 11, tile);
        const { points, frames } = await sampler.sample({ n, frames: [0, 8] });
        const error = Math.hypot(...points.map((value, i) => value - expected[i])) / Math.hypot(...expected);
        expect(error).toBeLessThan(2e-6);
        expect(frames[1]).toEqual(points);
        frames[0].forEach((value, i) => expect(value).toBeCloseTo(x[i], 6));
      }
      engine.destroy();
    },
  );
});
