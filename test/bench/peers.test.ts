/** What the GPU benchmark compares is the same arithmetic: held together here on processors, in Node. */
import * as ort from 'onnxruntime-web';
import { createEngine } from 'tributary-engine';
import { describe, expect, it } from 'vitest';
import { eulerModel } from '../../bench/gpu/euler_model.js';
import { jax } from '../../demo/src/peers/jax.js';
import { makeProblem, type Problem, withTimes } from '../../demo/src/peers/problem.js';
import { type Entry, Race, type RaceOptions } from '../../demo/src/peers/race.js';
import { tributary } from '../../demo/src/peers/tributary.js';

const SIZES = { dim: 3, hidden: 8, batch: 50, particles: 40 };

const own: Entry = {
  name: 'tributary',
  version: '1',
  open: async (problem) => tributary(problem, await createEngine({ simd: false })),
};
const peer: Entry = { name: 'jax-js', version: '2', open: (problem) => jax(problem, 'wasm') };

function race(entries: readonly Entry[], options: Partial<RaceOptions> = {}, problem = makeProblem(SIZES)) {
  const usual = { rounds: 3, repetition: 1, train: true, sample: true, say: () => undefined };
  return new Race(entries, problem, { ...usual, ...options }).run();
}

/** A peer that learns something else, or moves particles elsewhere. */
const wrong = (change: 'loss' | 'velocity'): Entry => ({
  ...peer,
  open: async (problem: Problem) => {
    const { train, sample, destroy } = await peer.open(problem);
    return {
      train: async (steps) => (await train!(steps)) * (change === 'loss' ? 1.0001 : 1),
      sample: async (steps) => (await sample(steps)).map((x) => x * (change === 'velocity' ? 1.01 : 1)),
      destroy,
    };
  },
});

describe('a race', () => {
  it('finds that Tributary and jax-js take the same steps', async () => {
    const said: string[] = [];
    const rows = await race([own, peer], { say: (line) => said.push(line) });
    expect(rows.map(({ work, system }) => [work, system])).toEqual([
      ['Euler step, 40 particles, d = 3, hidden 8', 'tributary'],
      ['Euler step, 40 particles, d = 3, hidden 8', 'jax-js'],
      ['training step, d = 3, hidden 8, batch 50', 'tributary'],
      ['training step, d = 3, hidden 8, batch 50', 'jax-js'],
    ]);
    for (const { median_ms: ms, gflops } of rows) {
      expect(ms).toBeGreaterThan(0);
      expect(gflops).toBeGreaterThan(0);
    }
    expect(rows[0].ratio).toBe(1);
    expect(rows[1].ratio).toBeCloseTo(rows[1].median_ms / rows[0].median_ms, 10);
    expect(said.filter((line) => /loss of step 3/.test(line))).toHaveLength(2);
  });

  it.each([
    ['loss', /jax-js has the loss [\d.]+ after 3 steps, tributary [\d.]+/],
    ['velocity', /a velocity of jax-js is off by [\d.]+ of [\d.]+/],
  ] as const)('ends where a %s differs', async (change, message) => {
    await expect(race([own, wrong(change)])).rejects.toThrow(message);
  });

  it('tells of a peer that fails, and goes on with the others', async () => {
    const broken: Entry = {
      ...peer,
      name: 'broken',
      open: () => Promise.reject(new Error('it has no adapter\nand more')),
    };
    const rows = await race([own, broken, peer], { sample: false });
    expect(rows.map(({ system, note }) => [system, note])).toEqual([
      ['broken', 'it has no adapter'],
      ['tributary', undefined],
      ['jax-js', undefined],
    ]);
    await expect(race([broken, own])).rejects.toThrow('no adapter');
  });

  it('ends when it is told to', async () => {
    const controller = new AbortController();
    const say = (line: string) => {
      if (/velocities/.test(line)) controller.abort();
    };
    await expect(race([own, peer], { say, signal: controller.signal })).rejects.toThrow(/abort/i);
  });

  it('moves many particles in tiles that every card binds', () => {
    const { tile, passes } = makeProblem({ ...SIZES, particles: 1_000_000 });
    expect(passes).toBe(16);
    expect(tile * passes).toBeGreaterThanOrEqual(1_000_000);
    expect(tile * (passes - 1)).toBeLessThan(1_000_000);
    const wide = makeProblem({ dim: 9408, hidden: 16, batch: 2, particles: 10_000 });
    expect(wide.tile * 9409 * 4).toBeLessThanOrEqual(2 ** 27);
  });
});

describe('the model for onnxruntime-web', () => {
  it('is read by it, and moves particles as Tributary does', async () => {
    const problem = makeProblem(SIZES);
    const { dim, tile } = problem;
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create(eulerModel(problem));
    const tensor = (data: Float32Array, width: number) => new ort.Tensor('float32', data, [tile, width]);
    const points = tensor(
      withTimes(problem.start, () => 0, dim),
      dim + 1,
    );
    const { moved } = await session.run({ points, x: tensor(problem.start, dim) });
    const system = await own.open(problem);
    const expected = await system.sample(1);
    const data = (await moved.getData()) as Float32Array;
    expected.forEach((value, i) => expect(data[i]).toBeCloseTo(value, 6));
    system.destroy();
    await session.release();
  });
});
