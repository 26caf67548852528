/** Reflow straightens (arXiv 2209.03003, theorem 3.7), and distillation makes one step of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { type Dataset, trainingSet } from '../../src/data/dataset.js';
import { distributionByName } from '../../src/data/registry.js';
import { createEngine } from '../../src/engine.js';
import { samplingTable } from '../../src/samplers/plan.js';
import { Sampler } from '../../src/samplers/sampler.js';
import { encodeModel } from '../../src/train/checkpoint.js';
import { runConfig } from '../../src/train/defaults.js';
import { reflowPairs } from '../../src/train/reflow.js';
import { roundConfig, roundsOf } from '../../src/train/rounds.js';
import { Trainer } from '../../src/train/trainer.js';

const dataset = trainingSet(distributionByName('8gaussians'), 2000, 0);
const config = runConfig({
  family: 'rectified-flow',
  reflow: { rounds: 1, distil: true },
  data: { name: '8gaussians', rows: 2000, dim: 2, ambient: 0, classes: 0, digest: '' },
  transform: { offset: [0, 0], scale: 1 },
  network: { hidden: 48, inner: 96, pointFrequencies: 12, pointFrequencyScale: 0.2 },
  optimizer: { learningRate: 3e-3 },
  steps: 700,
  batch: 256,
});

interface Round {
  readonly model: Uint8Array;
  readonly data: Dataset;
  /** Root mean square distance of one Euler step from fifty of Heun's, from the same starts. */
  readonly bend: number;
}

const rounds: Round[] = [];
let engine: Backend;

async function trainRound(round: number): Promise<Round> {
  const own = roundConfig(config, round);
  const data =
    round === 0
      ? dataset
      : await reflowPairs(engine, config, round, { bytes: rounds[round - 1].model, file: 'it' }, undefined);
  const trainer = await Trainer.create(engine, own, data);
  if (round > 0) {
    const { decodeSafetensors } = await import('../../src/formats/safetensors.js');
    const { tensors } = decodeSafetensors(rounds[round - 1].model, 'it');
    const values = new Map([...tensors].map(([name, tensor]) => [name, tensor.data as ArrayLike<number>]));
    const { m, v } = await trainer.state();
    trainer.model.load(values);
    trainer.restore({ step: 0, parameters: values, average: values, m, v });
  }
  await trainer.train(own.steps);
  await trainer.flush();
  const end = async (solver: string, steps: number) => {
    const view = trainer.model.store.view(trainer.optimizer.average);
    const table = samplingTable(config.interpolant, { solver, steps });
    const sampler = await Sampler.create(engine, trainer.model, view, table, 9);
    const { points } = await sampler.sample({ n: 1000 });
    sampler.destroy();
    return points;
  };
  const [one, many] = [await end('euler', 1), await end('heun', 50)];
  const bend = Math.sqrt(one.reduce((sum, x, i) => sum + (x - many[i]) ** 2, 0) / one.length);
  const model = encodeModel(trainer.model, await trainer.state());
  trainer.destroy();
  return { model, data, bend };
}

beforeAll(async () => {
  engine = await createEngine();
  for (let round = 0; round < roundsOf(config); round++) rounds.push(await trainRound(round));
});
afterAll(() => engine.destroy());

describe('rounds', () => {
  it('are the first, the reflow and the distillation, which knows t = 0 only', () => {
    expect(roundsOf(config)).toBe(3);
    expect(roundConfig(config, 0)).toBe(config);
    expect(roundConfig(config, 1).interpolant).toMatchObject({
      coupling: 'paired',
      batching: 'epochs',
      timeMax: 1,
    });
    expect(roundConfig(config, 2).interpolant).toMatchObject({ coupling: 'paired', timeCells: 1 });
    expect(roundConfig(config, 2).interpolant.timeMax).toBeLessThan(1e-6);
    expect(new Set([0, 1, 2].map((round) => roundConfig(config, round).seed)).size).toBe(3);
  });

  it('train on pairs whose base is standard normal and whose ends are the model’s', () => {
    const { base, points } = rounds[1].data;
    const mean = base!.reduce((a, b) => a + b, 0) / base!.length;
    const square = base!.reduce((a, b) => a + b * b, 0) / base!.length;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(square - 1)).toBeLessThan(0.03);
    // On a circle of radius 5: the ends are data, not noise.
    const radius = points.reduce((sum, x) => sum + x * x, 0) / (points.length / 2);
    expect(Math.abs(radius - 27)).toBeLessThan(2);
  });

  it('straighten the flow: one step comes nearer to its end', () => {
    expect(rounds[1].bend).toBeLessThan(0.5 * rounds[0].bend);
  });

  it('distil: one step then ends where the pairs do', async () => {
    const { data } = rounds[2];
    const { Model } = await import('../../src/families/model.js');
    const { loadModel } = await import('../../src/train/checkpoint.js');
    const error = async (bytes: Uint8Array) => {
      const model = new Model(engine, ['velocity'], config.network, 0, false);
      loadModel(model, bytes, 'it');
      const table = samplingTable(config.interpolant, { solver: 'euler', steps: 1 });
      const sampler = await Sampler.create(engine, model, model.store, table, 1);
      const n = 1000;
      const { points } = await sampler.sample({ n, start: data.base!.slice(0, 2 * n) });
      return Math.sqrt(points.reduce((sum, x, i) => sum + (x - data.points[i]) ** 2, 0) / points.length);
    };
    expect(await error(rounds[2].model)).toBeLessThan(await error(rounds[1].model));
  });

  it('refuse a first round of pairs', async () => {
    const before = { bytes: rounds[0].model, file: 'it' };
    await expect(reflowPairs(engine, config, 0, before, undefined)).rejects.toThrow(/no round before/);
    await expect(reflowPairs(engine, config, 1, before, new Float64Array(8))).rejects.toThrow(
      /describes 0 base points, 4 are given/,
    );
  });
});

describe('a base of points', () => {
  const rows = 40;
  const base = trainingSet(distributionByName('moons'), rows, 4).points;
  const own = runConfig({
    family: 'rectified-flow',
    data: { ...config.data, base: { name: 'moons', rows } },
    transform: config.transform,
    network: { hidden: 4, inner: 4, blocks: 1 },
    steps: 4,
    batch: 16,
  });

  it('is where the pairs of every round start, each row as often as another', async () => {
    const trainer = await Trainer.create(engine, own, { ...dataset, base });
    await trainer.train(own.steps);
    const bytes = encodeModel(trainer.model, await trainer.state());
    trainer.destroy();
    const key = (points: Float64Array, row: number) =>
      `${Math.fround(points[2 * row])} ${Math.fround(points[2 * row + 1])}`;
    const known = Array.from({ length: rows }, (_, row) => key(base, row));
    const drawn = [];
    for (const round of [1, 2]) {
      const pairs = await reflowPairs(engine, own, round, { bytes, file: 'it' }, base);
      const counts = new Map<string, number>();
      for (let row = 0; row < pairs.rows; row++) {
        const at = key(pairs.base!, row);
        counts.set(at, (counts.get(at) ?? 0) + 1);
      }
      expect([...counts.keys()].sort()).toEqual([...known].sort());
      // A binomial count of 500 scatters by 22.
      for (const count of counts.values()) expect(Math.abs(count - pairs.rows / rows)).toBeLessThan(110);
      drawn.push(pairs.base!);
    }
    expect(drawn[0]).not.toEqual(drawn[1]);
    await expect(reflowPairs(engine, own, 1, { bytes, file: 'it' }, undefined)).rejects.toThrow(
      /describes 40 base points, 0 are given/,
    );
  });
});
