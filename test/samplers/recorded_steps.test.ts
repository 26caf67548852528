/** Samples that are drawn in one go, looked at step by step. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { createEngine } from '../../src/engine.js';
import { isStepwise } from '../../src/model/generator.js';
import { alike, Model } from '../../src/model/model.js';
import { affine } from '../../src/nn/ops/arithmetic.js';
import { joinColumns, takeColumns } from '../../src/nn/ops/rows.js';
import type { Tensor } from '../../src/nn/tape.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { ParticlePlayer } from '../../src/samplers/player.js';
import { type Drawing, RecordedGenerator } from '../../src/samplers/recorded.js';
import { particleTile } from '../../src/samplers/sampler.js';

const SEED = 7;
const NETWORK = {
  ...{ dim: 2, outputs: 2, hidden: 8, inner: 8, blocks: 1, pointFrequencies: 2, pointFrequencyScale: 0.5 },
  ...{ timed: false, outputGain: 1, classes: 0, labelWidth: 0, timeFrequencies: 1 },
};

let engine: Backend;
let model: Model;
beforeAll(async () => {
  engine = await createEngine({ threads: 1 });
  model = new Model(engine, alike(['decoder'], NETWORK), 4, false);
});
afterAll(() => engine.destroy());

const made = (draw: (drawing: Drawing) => Tensor, tile: number, of = model) =>
  RecordedGenerator.create(of, { dim: 2, classes: 0, evaluations: 1 }, { seed: SEED, tile }, draw);

/** The numbers of the rows from 0 on, of the draw that was asked for as the `index`-th. */
const normals = (rows: number, cols: number, index: number) => {
  const random = new CounterRandom(SEED, STREAM.generator + index);
  return Float64Array.from({ length: rows * cols }, (_, i) => random.normal(i));
};

describe('a recorded generator step by step', () => {
  it('begins at the numbers that it draws from and ends at its samples, whatever the tile', async () => {
    // Two tiles and a rest.
    const n = 2 * particleTile(engine) + 7;
    const decode = (drawing: Drawing) => drawing.net('decoder')(drawing.normal(2));
    const generator = await made(decode, n);
    expect(isStepwise(generator)).toBe(true);
    expect([generator.particleCount, generator.stepCount, generator.jumps]).toEqual([n, 1, true]);
    expect([...generator.times]).toEqual([0, 1]);
    const { points } = await generator.sample({ n });
    await generator.begin();
    const start = await engine.read(generator.particles);
    normals(n, 2, 0).forEach((value, i) => expect(Math.abs(start[i] - value)).toBeLessThan(1e-6));
    await generator.advance(1);
    expect([...(await engine.read(generator.particles))]).toEqual([...points]);
    generator.destroy();
  });

  it('shows what its function passes, in order, to a player as well', async () => {
    const draw = (drawing: Drawing) => {
      const z = drawing.normal(2);
      drawing.pass(affine(drawing.tape, 2, z));
      drawing.pass(affine(drawing.tape, 3, z, 1));
      return affine(drawing.tape, -1, z);
    };
    const generator = await made(draw, 5);
    expect(generator.stepCount).toBe(3);
    expect([...generator.times]).toEqual([0, 1 / 3, 2 / 3, 1]);
    const player = new ParticlePlayer(engine, generator);
    await player.begin();
    while (await player.advance());
    const z = normals(5, 2, 0);
    const expected = [z, z.map((value) => 2 * value), z.map((value) => 3 * value + 1), z.map((v) => -v)];
    for (const [step, values] of expected.entries()) {
      const { from, to, fraction } = player.view(step / 3)!;
      const [a, b] = [await engine.read(from), await engine.read(to)];
      const seen = Array.from(a, (value, i) => value + (b[i] - value) * fraction);
      seen.forEach((value, i) => expect(Math.abs(value - values[i])).toBeLessThan(1e-5));
    }
    player.destroy();
    generator.destroy();
  });

  it('takes as many numbers as a sample has coordinates, and 0 where fewer are drawn', async () => {
    const cpu = new CpuBackend('f64');
    const own = new Model(cpu, alike(['decoder'], NETWORK), 4, false);
    const begun = async (draw: (drawing: Drawing) => Tensor) => {
      const generator = await made(draw, 3, own);
      await generator.begin();
      return [...(await cpu.read(generator.particles))];
    };
    const [wide, narrow, second] = [normals(3, 5, 0), normals(3, 1, 0), normals(3, 2, 1)];
    const of5 = await begun((drawing) => takeColumns(drawing.tape, drawing.normal(5), 3, 2));
    expect(of5).toEqual([wide[0], wide[1], wide[5], wide[6], wide[10], wide[11]]);
    const of1 = await begun((drawing) => {
      drawing.normal(1);
      return drawing.net('decoder')(drawing.normal(2));
    });
    expect(of1).toEqual([narrow[0], second[0], narrow[1], second[2], narrow[2], second[4]]);
    const alone = await begun((drawing) => {
      const z = drawing.normal(1);
      return joinColumns(drawing.tape, [z, z]);
    });
    expect(alone).toEqual([narrow[0], 0, narrow[1], 0, narrow[2], 0]);
    cpu.destroy();
  });

  it('refuses what makes no sense in one line', async () => {
    const generator = await made((drawing) => drawing.net('decoder')(drawing.normal(2)), 4);
    await expect(generator.advance(1)).rejects.toThrow(/call begin\(\) before advance\(\)/);
    await expect(generator.begin({ start: new Float64Array(8) })).rejects.toThrow(/leave the start out/);
    await expect(generator.begin({ labels: new Uint32Array(4) })).rejects.toThrow(/knows no labels/);
    await generator.begin();
    await expect(generator.advance(2)).rejects.toThrow(/^steps to take is 2; 1 of 1 are left$/);
    await generator.advance(1);
    await expect(generator.advance(1)).rejects.toThrow(/0 of 1 are left$/);
    generator.destroy();
  });
});
