import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine.js';
import { alike, Model } from '../../src/model/model.js';
import { ParticlePlayer } from '../../src/samplers/player.js';
import { Sampler } from '../../src/samplers/sampler.js';
import { solverByName } from '../../src/samplers/solvers.js';
import { solverTable, uniformGrid } from '../../src/samplers/table.js';

const N = 50;
const STEPS = 7;
const NETWORK = {
  ...{ dim: 2, outputs: 2, hidden: 8, inner: 8, blocks: 1, pointFrequencies: 2, pointFrequencyScale: 0.5 },
  ...{ timeFrequencies: 1, classes: 0, labelWidth: 0 },
};

async function samplerOf(seed: number) {
  const engine = await createEngine({ threads: 1 });
  const model = new Model(engine, alike(['velocity'], NETWORK), 4, false);
  const table = solverTable(solverByName('heun'), uniformGrid(STEPS));
  const sampler = await Sampler.create(engine, model, model.store, table, seed, N);
  return { engine, sampler };
}

describe('a sampler step by step', () => {
  it('ends where sample() ends, and passes its frames', async () => {
    const { engine, sampler } = await samplerOf(3);
    const frames = Array.from({ length: STEPS + 1 }, (_, i) => i);
    const expected = await sampler.sample({ n: N, frames });
    const player = new ParticlePlayer(engine, sampler);
    expect(player.view(1)).toBeNull();
    await player.begin();
    while (await player.advance());
    expect(player.reach).toBe(1);
    for (const step of frames) {
      const { from, to, fraction } = player.view(step / STEPS)!;
      const [a, b] = [await engine.read(from), await engine.read(to)];
      const points = Float64Array.from(a, (value, i) => value + (b[i] - value) * fraction);
      points.forEach((value, i) => expect(Math.abs(value - expected.frames[step][i])).toBeLessThan(1e-5));
    }
    const end = player.view(1)!;
    expect([end.fraction, ...(await engine.read(end.to))]).toEqual([1, ...expected.points]);
    engine.destroy();
  });

  it('keeps fewer states where memory is short, the first and the last among them', async () => {
    const { engine, sampler } = await samplerOf(5);
    const expected = await sampler.sample({ n: N, frames: [0, 3] });
    const player = new ParticlePlayer(engine, sampler, 4 * 2 * N * 4);
    expect(player.stride).toBe(3);
    await player.begin();
    expect([...(await engine.read(player.view(1)!.to))]).toEqual([...expected.frames[0]]);
    await player.advance();
    expect(player.reach).toBeCloseTo(3 / STEPS, 12);
    expect([...(await engine.read(player.view(1)!.to))]).toEqual([...expected.frames[1]]);
    while (await player.advance());
    const { to, fraction } = player.view(1)!;
    expect([fraction, ...(await engine.read(to))]).toEqual([1, ...expected.points]);
    await player.begin();
    expect(player.reach).toBe(0);
    player.destroy();
    expect(player.view(0)).toBeNull();
    engine.destroy();
  });

  it('says what is wrong', async () => {
    const { engine, sampler } = await samplerOf(1);
    await expect(sampler.advance(1)).rejects.toThrow('call begin() before advance()');
    await sampler.begin();
    await sampler.advance(STEPS);
    await expect(sampler.advance(1)).rejects.toThrow(`steps to take is 1; 0 of ${STEPS} are left`);
    await sampler.sample({ n: 3 });
    await expect(sampler.advance(1)).rejects.toThrow('call begin() before advance()');
    expect(() => new ParticlePlayer(engine, sampler, 100)).toThrow(/two states of these particles take/);
    engine.destroy();
  });
});

describe('copies on a device', () => {
  it.each([
    ['reference', { simd: false }],
    ['SIMD', { threads: 1 }],
  ] as const)('take their turn: %s', async (_, options) => {
    const engine = await createEngine(options);
    const [a, b] = [engine.allocate(3, 'a'), engine.allocate(4, 'b')];
    engine.write(a, [1, 2, 3]);
    engine.copy(a, b);
    engine.write(a, [7, 7, 7]);
    expect([...(await engine.read(b))]).toEqual([1, 2, 3, 0]);
    engine.destroy();
  });
});
