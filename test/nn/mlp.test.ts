/** What may be chosen of the backbone: blocks behind a norm, and ends behind a linear bottleneck. */
import { afterAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { Trace } from '../../src/backend/trace.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { alike, Model, modelTensors } from '../../src/model/model.js';
import { checkMlpConfig, type MlpConfig } from '../../src/nn/mlp.js';
import { mlpParameters, mlpTensors } from '../../src/nn/mlp_parameters.js';
import { Tape } from '../../src/nn/tape.js';
import { whyNotFused } from '../../src/samplers/fused.js';
import { solverByName } from '../../src/samplers/solvers.js';
import { solverTable, uniformGrid } from '../../src/samplers/table.js';
import { upload } from '../backend/run.js';
import { keep, normals, randomModel, SMALL, velocityField } from './network.js';

const engine = new CpuBackend('f64');
afterAll(() => engine.destroy());

/** Outputs at rows of points, and their gradient Σ ∂outputs/∂x. */
async function outputsOf(backend: Backend, model: Model, x: Float64Array) {
  const { dim, outputs } = model.network;
  const rows = x.length / dim;
  const trace = new Trace();
  const tape = new Tape(trace);
  const input = tape.input(upload(backend, 'x', x), rows, dim);
  const t = upload(backend, 't', new Float64Array(rows).fill(0.25));
  const output = velocityField(model, t)(tape, input);
  tape.minimise(output, 1);
  tape.backward();
  const slope = tape.gradientOf(input);
  if (slope === null) throw new Error('the network does not depend on its points');
  const kept = [keep(backend, trace, rows * outputs), keep(backend, trace, rows * dim)];
  kept[0].copy(output.data);
  kept[1].copy(slope);
  await (await backend.compile(trace, 'outputs')).run(1);
  const [y, gradient] = await Promise.all(kept.map(({ array }) => backend.read(array)));
  return { y: Float64Array.from(y), gradient: Float64Array.from(gradient) };
}

const size = (values: ArrayLike<number>) =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value ** 2, 0) / values.length);

describe('a network whose blocks see normed rows', () => {
  it('is what its formula says', async () => {
    const model = randomModel(engine, { norm: 'rms', pointFrequencies: 0, timeFrequencies: 0 });
    const x = normals(2 * 3, 4);
    const { y } = await outputsOf(engine, model, x);
    const get = async (name: string) =>
      Array.from(await engine.read(model.store.get(`velocity.${name}`).value));
    const layer = async (name: string, values: readonly number[]) => {
      const [weight, bias] = [await get(`${name}.weight`), await get(`${name}.bias`)];
      return bias.map((b, o) => values.reduce((sum, v, i) => sum + v * weight[o * values.length + i], b));
    };
    for (let row = 0; row < 3; row++) {
      let h = await layer('input', [x[2 * row], x[2 * row + 1], 0.25]);
      for (const k of [0, 1]) {
        const gain = await get(`blocks.${k}.norm.weight`);
        const root = Math.sqrt(h.reduce((sum, v) => sum + v * v, 0) / h.length + 1e-6);
        const seen = h.map((v, i) => (gain[i] * v) / root);
        const gate = await layer(`blocks.${k}.gate`, seen);
        const up = await layer(`blocks.${k}.up`, seen);
        const inside = gate.map((g, i) => (g / (1 + Math.exp(-g))) * up[i]);
        const down = await layer(`blocks.${k}.down`, inside);
        h = h.map((v, i) => v + down[i]);
      }
      (await layer('output', h)).forEach((value, i) => expect(y[2 * row + i]).toBeCloseTo(value, 12));
    }
  });

  // 30 times the noise that it was made for, as the outer levels of a variance that explodes are to an untrained network.
  it.each([
    [2, 4],
    [8, Number.POSITIVE_INFINITY],
  ])('of %i blocks in 512 dimensions does not blow up where the plain one does', async (blocks, worse) => {
    const f32 = new CpuBackend('f32');
    const growth = async (norm: 'none' | 'rms') => {
      const config = {
        ...{ dim: 512, outputs: 512, hidden: 64, inner: 128, blocks, classes: 0, labelWidth: 0, norm },
        ...{ pointFrequencies: 0, pointFrequencyScale: 0, timeFrequencies: 0, outputGain: 1 },
      };
      const model = new Model(f32, alike(['velocity'], config), 3, false);
      const x = normals(8 * 512, 9);
      const near = await outputsOf(f32, model, x);
      const far = await outputsOf(
        f32,
        model,
        x.map((value) => 30 * value),
      );
      return { values: size(far.y) / size(near.y), slopes: size(far.gradient) / size(near.gradient) };
    };
    const [plain, normed] = [await growth('none'), await growth('rms')];
    // As much as its inputs, and no more; its slopes not at all.
    expect(normed.values).toBeGreaterThan(10);
    expect(normed.values).toBeLessThan(30);
    expect(normed.slopes).toBeLessThan(1);
    if (Number.isFinite(worse)) {
      expect(plain.values).toBeGreaterThan(worse * 30);
      expect(plain.slopes).toBeGreaterThan(worse);
    } else expect(plain.values).toBeNaN();
    f32.destroy();
  });

  it('begins as the plain one where that says the same: its own gains are 1, other numbers as they were', () => {
    const initial = (norm: 'none' | 'rms') =>
      mlpParameters({ ...SMALL, norm }, 5, 0).map(
        ({ name, initial: values }) => [name, Array.from(values)] as const,
      );
    const normed = initial('rms').filter(([name]) => !name.includes('norm'));
    expect(normed).toEqual(initial('none'));
    const gains = initial('rms').filter(([name]) => name.includes('norm'));
    expect(gains.map(([name]) => name)).toEqual([0, 1].map((k) => `blocks.${k}.norm.weight`));
    for (const [, values] of gains) expect(values).toEqual(new Array(SMALL.hidden).fill(1));
  });

  it('of SELU layers is refused, with what would be right', () => {
    expect(() => checkMlpConfig({ ...SMALL, activation: 'selu', norm: 'rms' })).toThrow(
      'network norm rms stands before SwiGLU blocks; SELU layers keep their scale themselves: norm none',
    );
    expect(() => checkMlpConfig({ ...SMALL, norm: 'batch' as never })).toThrow(/norm.*none, rms/);
  });
});

/** The rank of a matrix, by elimination with the largest pivot. */
function rankOf(matrix: readonly (readonly number[])[]): number {
  const rows = matrix.map((row) => [...row]);
  const largest = Math.max(...rows.flat().map(Math.abs));
  let rank = 0;
  for (let column = 0; column < rows[0].length && rank < rows.length; column++) {
    const rest = rows.slice(rank);
    const pivot = rest.reduce((best, row) => (Math.abs(row[column]) > Math.abs(best[column]) ? row : best));
    if (Math.abs(pivot[column]) < 1e-9 * largest) continue;
    rows.splice(rank + rest.indexOf(pivot), 1);
    rows.splice(rank, 0, pivot);
    for (const row of rows.slice(rank + 1)) {
      const factor = row[column] / pivot[column];
      row.forEach((value, i) => {
        row[i] = value - factor * pivot[i];
      });
    }
    rank++;
  }
  return rank;
}

describe('a network behind a bottleneck', () => {
  const config = { dim: 9, outputs: 9, bottleneck: 3 };

  it.each([
    ['swiglu', 'none', 3],
    ['swiglu', 'rms', 3],
    ['selu', 'none', 3],
    ['swiglu', 'none', 0],
  ] as const)(
    '%s, norm %s, narrowed to %i: points and outputs pass through so many numbers',
    async (activation, norm, bottleneck) => {
      const own = { ...config, activation, norm, bottleneck };
      const model = randomModel(engine, own);
      const x = normals(9 * 20, 6);
      const { y, gradient } = await outputsOf(engine, model, x);
      const differences = Array.from({ length: 19 }, (_, row) =>
        Array.from({ length: 9 }, (__, i) => y[9 * (row + 1) + i] - y[i]),
      );
      const slopes = Array.from({ length: 20 }, (_, row) => Array.from(gradient.slice(9 * row, 9 * row + 9)));
      const most = bottleneck || 9;
      expect([rankOf(differences), rankOf(slopes)]).toEqual([most, most]);
    },
  );

  const names = (own: Partial<MlpConfig>) => mlpTensors({ ...SMALL, ...own }).map(({ name }) => name);

  it('has a linear layer at either end, of which the last begins at 0', () => {
    const tensors = mlpTensors({ ...SMALL, ...config, classes: 2 });
    expect(tensors.slice(0, 4).map(({ name, shape }) => [name, shape])).toEqual([
      ['label.weight', [3, SMALL.labelWidth]],
      ['narrow.weight', [3, 9]],
      ['narrow.bias', [3]],
      ['input.weight', [SMALL.hidden, 3 + 6 + 5 + SMALL.labelWidth]],
    ]);
    expect(tensors.slice(-4).map(({ name, shape, begins }) => [name, shape, begins])).toEqual([
      ['output.weight', [3, SMALL.hidden], { bound: 1 / Math.sqrt(SMALL.hidden) }],
      ['output.bias', [3], { bound: 1 / Math.sqrt(SMALL.hidden) }],
      ['widen.weight', [9, 3], { bound: 0 }],
      ['widen.bias', [9], { bound: 0 }],
    ]);
    const { constants } = modelTensors(alike(['velocity'], { ...SMALL, ...config }), 1);
    expect(constants.get('velocity.point.frequency')?.shape).toEqual([SMALL.pointFrequencies, 3]);
  });

  it('leaves an end that is no wider as it is', () => {
    const plain = names({});
    for (const bottleneck of [0, 2, 3, 100]) expect(names({ bottleneck })).toEqual(plain);
    expect(names({ dim: 9, bottleneck: 3 })).toContain('narrow.weight');
    expect(names({ dim: 9, bottleneck: 3 })).not.toContain('widen.weight');
    expect(names({ outputs: 9, bottleneck: 3 })).toContain('widen.weight');
    // Outputs of a layer that is no wider have no higher rank anyway.
    expect(names({ outputs: 9, bottleneck: 3, hidden: 3 })).not.toContain('widen.weight');
  });
});

it('the kernel that draws with network and solver in one says what it does not know', () => {
  const table = solverTable(solverByName('euler'), uniformGrid(4));
  const why = (own: Partial<MlpConfig>) => {
    const model = randomModel(engine, own);
    const parts = [whyNotFused(model, model.store, table), model.net('velocity').flat(model.store)] as const;
    model.destroy();
    return parts;
  };
  expect(why({})[0]).toBeNull();
  expect(why({})[1]).not.toBeNull();
  expect(why({ bottleneck: 2 })[0]).toBeNull();
  expect(why({ norm: 'rms' })).toEqual(['the kernel does not know blocks behind a norm', null]);
  expect(why({ dim: 3, outputs: 3, bottleneck: 2 })).toEqual([
    'the kernel does not know ends behind a bottleneck',
    null,
  ]);
});
