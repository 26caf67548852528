import { afterAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { Trace } from '../../src/backend/trace.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { SimdBackend } from '../../src/cpu/simd/backend.js';
import { ForwardMode } from '../../src/nn/jvp.js';
import type { MlpConfig } from '../../src/nn/mlp.js';
import { probedDivergence } from '../../src/nn/probe.js';
import { Tape } from '../../src/nn/tape.js';
import { upload } from '../backend/run.js';
import { keep, normals, randomModel, velocityField } from './network.js';

const engine = new CpuBackend('f64');
afterAll(() => engine.destroy());

const ROWS = 5;

/** Everything there is to compare at a few points: the field, and its Jacobian by columns. */
async function forwardMode(backend: Backend, config: Partial<MlpConfig>, points?: Float64Array) {
  const model = randomModel(backend, config);
  const { dim, hidden, inner, classes } = model.network;
  const x = points ?? normals(ROWS * dim, 1);
  const t = Float64Array.from({ length: ROWS }, (_, i) => Math.fround(i / (ROWS - 1)));
  const label = classes > 0 ? upload(backend, 'label', Uint32Array.of(0, 1, 2, 1, 0)) : null;
  const mode = new ForwardMode(backend, ROWS, dim, Math.max(hidden, inner, dim));
  const trace = new Trace();
  const { value, tangent } = mode.jacobian(
    trace,
    upload(backend, 'x', x),
    velocityField(model, upload(backend, 't', t), label),
  );
  const copies = [value, tangent].map((array) => keep(backend, trace, array.length));
  copies.forEach(({ copy }, i) => copy([value, tangent][i]));
  const plan = await backend.compile(trace, 'jacobian');
  await plan.run(2);
  const [field, jacobian] = await Promise.all(copies.map(({ array }) => backend.read(array)));
  return { field, jacobian, model, x, t, label };
}

describe.each([
  ['2-D', {}],
  ['1-D without features', { dim: 1, outputs: 1, pointFrequencies: 0, timeFrequencies: 0 }],
  ['8-D with labels', { dim: 8, outputs: 8, classes: 2 }],
  ['without blocks', { blocks: 0 }],
  ['SELU', { activation: 'selu', dim: 3, outputs: 3 }],
  ['normed blocks', { norm: 'rms' }],
  ['a bottleneck at both ends', { dim: 5, outputs: 5, bottleneck: 3 }],
  ['both, with labels', { dim: 8, outputs: 8, bottleneck: 1, norm: 'rms', classes: 2 }],
  ['SELU behind a bottleneck', { activation: 'selu', dim: 4, outputs: 4, bottleneck: 2 }],
] as const)('forward mode through the network: %s', (_, config: Partial<MlpConfig>) => {
  it('agrees with central differences and with reverse mode in float64', async () => {
    const { jacobian, model, x, t, label } = await forwardMode(engine, config);
    const { dim } = model.network;
    // Differences, one coordinate at a time.
    const h = 1e-4;
    for (let k = 0; k < dim; k++) {
      const at = async (delta: number) =>
        (
          await forwardMode(
            engine,
            config,
            x.map((value, i) => (i % dim === k ? value + delta : value)),
          )
        ).field;
      const [high, low] = [await at(h), await at(-h)];
      high.forEach((value, i) => {
        const [row, j] = [Math.floor(i / dim), i % dim];
        const slope = (value - low[i]) / (2 * h);
        expect(Math.abs(jacobian[(row * dim + k) * dim + j] - slope)).toBeLessThan(1e-6);
      });
    }
    // Reverse mode, one output at a time.
    for (let j = 0; j < dim; j++) {
      const trace = new Trace();
      const tape = new Tape(trace);
      const input = tape.input(upload(engine, 'x', x), ROWS, dim);
      const output = velocityField(model, upload(engine, 't', t), label)(tape, input);
      const seed = Float64Array.from({ length: ROWS * dim }, (_, i) => (i % dim === j ? 1 : 0));
      tape.adoptGradient(output, upload(engine, 'seed', seed));
      tape.backward();
      const gradient = tape.gradientOf(input);
      if (gradient === null) throw new Error('no gradient');
      const { array, copy } = keep(engine, trace, ROWS * dim);
      copy(gradient);
      await (await engine.compile(trace, 'reverse')).run(1);
      (await engine.read(array)).forEach((value, i) => {
        const [row, k] = [Math.floor(i / dim), i % dim];
        // Sines and cosines are polynomials right to 1e-10: neither is exactly the other's derivative.
        expect(Math.abs(jacobian[(row * dim + k) * dim + j] - value)).toBeLessThan(1e-8);
      });
    }
  });

  it('gives the same in WebAssembly, on one thread and on two', async () => {
    const { jacobian } = await forwardMode(engine, config);
    for (const threads of [1, 2]) {
      const simd = await SimdBackend.create({ threads });
      const fast = (await forwardMode(simd, config)).jacobian;
      simd.destroy();
      fast.forEach((value, i) => expect(Math.abs(value - jacobian[i])).toBeLessThan(2e-5));
    }
  });
});

describe('the divergence', () => {
  const rows = 40_000;
  const dim = 3;
  // One point, many probes.
  const x = Float64Array.from({ length: rows * dim }, (_, i) => [0.3, -0.8, 1.1][i % dim]);
  const t = new Float64Array(rows).fill(0.375);

  it('estimated from probes is the exact one within its standard error', async () => {
    const model = randomModel(engine, { dim, outputs: dim });
    const exactTrace = new Trace();
    const mode = new ForwardMode(engine, 1, dim, 13);
    const one = mode.divergence(
      exactTrace,
      upload(engine, 'x', x.slice(0, dim)),
      velocityField(model, upload(engine, 't', t.slice(0, 1))),
    );
    const kept = keep(engine, exactTrace, 1);
    kept.copy(one.divergence);
    await (await engine.compile(exactTrace, 'exact')).run(1);
    const [exact] = await engine.read(kept.array);

    for (const probe of [normals(rows * dim, 5), normals(rows * dim, 6).map((value) => Math.sign(value))]) {
      const trace = new Trace();
      const { divergence } = probedDivergence(
        trace,
        upload(engine, 'x', x),
        rows,
        dim,
        upload(engine, 'probe', probe),
        velocityField(model, upload(engine, 't', t)),
      );
      const { array, copy } = keep(engine, trace, rows);
      copy(divergence);
      await (await engine.compile(trace, 'probe')).run(1);
      const estimates = Float64Array.from(await engine.read(array));
      const mean = estimates.reduce((a, b) => a + b, 0) / rows;
      const variance = estimates.reduce((a, b) => a + (b - mean) ** 2, 0) / (rows - 1);
      expect(variance).toBeGreaterThan(1e-4);
      expect(Math.abs(mean - exact)).toBeLessThan(4 * Math.sqrt(variance / rows));
    }
  });

  it('in many dimensions asks for a probe', () => {
    expect(() => new ForwardMode(engine, 4, 9, 16)).toThrow(/9 directions.*hutchinson/);
  });
});
