/** Reflow straightens (arXiv 2209.03003, theorem 3.7), and distillation makes one step of it. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { trainingSet } from '../../src/data/dataset.js';
import { distributionByName } from '../../src/data/registry.js';
import { createEngine } from '../../src/engine.js';
import { reflowPairs } from '../../src/families/interpolant/reflow.js';
import type { InterpolantSettings } from '../../src/families/interpolant/settings.js';
import { interpolantStages } from '../../src/families/interpolant/stages.js';
import { type Source, sourceOf, type Trained } from '../../src/model/phase.js';
import { createTrainer, stageLearner } from '../../src/run/create_trainer.js';
import { runConfig } from '../../src/run/defaults.js';
import { sampledConfig, totalSteps } from '../../src/run/stages.js';
import { openModel } from '../../src/run/trained.js';
import { samplingTable } from '../../src/samplers/plan.js';
import { Sampler } from '../../src/samplers/sampler.js';
import { encodeModel, restoreModel } from '../../src/train/checkpoint.js';
import type { Trainer } from '../../src/train/trainer.js';

const dataset = trainingSet(distributionByName('8gaussians'), 2000, 0);
const config = runConfig({
  family: 'rectified-flow',
  settings: { distil: true },
  data: { name: '8gaussians', rows: 2000, dim: 2, ambient: 0, classes: 0, digest: '' },
  transform: { offset: [0, 0], scale: 1 },
  network: { hidden: 48, inner: 96, pointFrequencies: 12, pointFrequencyScale: 0.2 },
  optimizer: { learningRate: 3e-3 },
  steps: 700,
  batch: 256,
});

interface Round {
  readonly model: Uint8Array;
  readonly source: Source;
  /** Root mean square distance of one Euler step from fifty of Heun's, from the same starts. */
  readonly bend: number;
}

const stages = interpolantStages(config);
const rounds: Round[] = [];
let engine: Backend;

/** What a stage trains on, made by the model of the round before. */
async function sourceOfRound(round: number): Promise<Source> {
  const own = sourceOf(dataset, config);
  if (round === 0) return own;
  const before = await openModel(engine, rounds[round - 1].model, { config });
  try {
    return (await stages[round].prepare?.(before as Trained<InterpolantSettings>, own)) as Source;
  } finally {
    before.destroy();
  }
}

async function trainRound(round: number): Promise<Round> {
  const source = await sourceOfRound(round);
  const trainer = (await stageLearner(engine, config, round, source)) as Trainer;
  if (round > 0) await restoreModel(trainer, rounds[round - 1].model, 'it', 0);
  await trainer.train(trainer.steps);
  await trainer.flush();
  const end = async (solver: string, steps: number) => {
    const table = samplingTable(config.settings, { solver, steps });
    const sampler = await Sampler.create(engine, trainer.model, trainer.average, table, 9);
    const { points } = await sampler.sample({ n: 1000 });
    sampler.destroy();
    return points;
  };
  const [one, many] = [await end('euler', 1), await end('heun', 50)];
  const bend = Math.sqrt(one.reduce((sum, x, i) => sum + (x - many[i]) ** 2, 0) / one.length);
  const model = encodeModel(trainer.model, await trainer.state());
  trainer.destroy();
  return { model, source, bend };
}

beforeAll(async () => {
  engine = await createEngine();
  for (let round = 0; round < stages.length; round++) rounds.push(await trainRound(round));
});
afterAll(() => engine.destroy());

describe('rounds', () => {
  it('are the first, the reflow and the distillation, which knows t = 0 only', () => {
    expect(stages.map(({ name }) => name)).toEqual(['flow', 'reflow 1', 'distil']);
    const sampledAt = (step: number) => sampledConfig(config, step).settings;
    expect(sampledAt(700)).toEqual(config.settings);
    expect(sampledAt(1400)).toEqual(config.settings);
    expect(sampledAt(1401)).toMatchObject({ timeCells: 1, timeMin: 0, coupling: 'independent' });
    expect(sampledAt(1401).timeMax).toBeLessThan(1e-6);
    expect(new Set(stages.map(({ seed = config.seed }) => seed)).size).toBe(3);
    expect(totalSteps(config)).toBe(2100);
  });

  it('train on pairs whose base is standard normal and whose ends are the model’s', () => {
    const { base, points } = rounds[1].source;
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
    const { base, points: ends } = rounds[2].source;
    const error = async (bytes: Uint8Array) => {
      const model = await openModel(engine, bytes, { config });
      const n = 1000;
      const start = base!.slice(0, 2 * n);
      const sampling = { solver: 'euler', steps: 1 };
      const { points } = await model.sample({ n, seed: 1, start, sampling });
      model.destroy();
      return Math.sqrt(points.reduce((sum, x, i) => sum + (x - ends[i]) ** 2, 0) / points.length);
    };
    expect(await error(rounds[2].model)).toBeLessThan(await error(rounds[1].model));
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
    const trainer = await createTrainer(engine, own, { ...dataset, base });
    await trainer.train(own.steps);
    const model = await openModel(engine, encodeModel(trainer.model, await trainer.state(), own));
    trainer.destroy();
    const key = (points: Float64Array, row: number) =>
      `${Math.fround(points[2 * row])} ${Math.fround(points[2 * row + 1])}`;
    const known = Array.from({ length: rows }, (_, row) => key(base, row));
    const drawn = [];
    for (const round of [1, 2]) {
      const pairs = await reflowPairs(model as Trained<InterpolantSettings>, base, round);
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
    model.destroy();
    await expect(createTrainer(engine, own, dataset)).rejects.toThrow(
      /describes 40 base points, the data set holds 0/,
    );
  });
});
