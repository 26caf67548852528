import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { SimdBackend } from '../../src/cpu/simd/backend.js';
import { DEFAULT_INTERPOLANT } from '../../src/interpolant/config.js';
import { FlowDensity, type FlowDensityOptions } from '../../src/likelihood/flow_density.js';
import { flowLikelihood, samplesWithLogDensity } from '../../src/likelihood/flow_likelihood.js';
import { meanAndError } from '../../src/model/likelihood.js';
import type { Model } from '../../src/model/model.js';
import { type Field, fieldOf } from '../../src/samplers/field.js';
import { Sampler } from '../../src/samplers/sampler.js';
import { solverByName } from '../../src/samplers/solvers.js';
import { solverTable, uniformGrid } from '../../src/samplers/table.js';
import { normals, randomModel } from '../nn/network.js';

const reference = new CpuBackend('f64');
let simd: SimdBackend;
beforeAll(async () => {
  simd = await SimdBackend.create();
});
afterAll(() => {
  reference.destroy();
  simd.destroy();
});

const falling = (steps: number) => uniformGrid(steps).reverse();
const rk4 = solverByName('rk4');

/** ln p of points in the network's own coordinates. */
async function density(
  engine: Backend,
  model: Model,
  x: Float64Array,
  options: Partial<FlowDensityOptions> & { labels?: Uint32Array; probeIndex?: number } = {},
) {
  const { labels, probeIndex = 0, ...rest } = options;
  const n = x.length / model.network.dim;
  const flow = await FlowDensity.create(engine, model, model.store, {
    ...{ solver: rk4, grid: falling(24), tile: Math.min(n, 512) },
    ...rest,
  });
  const { points, nats } = await flow.logDensity(x, { ...(labels ? { labels } : {}), probeIndex });
  flow.destroy();
  return { points, nats };
}

/** A field of one head: b = x·X + head·F(input·X, t) */
const affine = (at: (t: number) => { x: number; head: number; input: number }, baseScale = 1): Field => ({
  ...fieldOf(),
  baseScale,
  at: (t) => {
    const { x, head, input } = at(t);
    return { ...fieldOf().at(t), velocity: { x, heads: [head] }, input };
  },
});

const worst = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

/** A grid over the square of half width `reach`, and the area of a cell. */
function square(reach: number, cells: number) {
  const width = (2 * reach) / cells;
  const x = new Float64Array(2 * cells * cells);
  for (let i = 0; i < cells * cells; i++) {
    x[2 * i] = -reach + ((i % cells) + 0.5) * width;
    x[2 * i + 1] = -reach + (Math.floor(i / cells) + 0.5) * width;
  }
  return { x, area: width * width };
}

const mass = (nats: ArrayLike<number>, area: number) =>
  Array.from(nats).reduce((sum, value) => sum + Math.exp(value), 0) * area;

describe('the density of a random network’s flow', () => {
  it('integrates to 1 over the plane, and is not the base’s', async () => {
    const model = randomModel(simd);
    const { x, area } = square(8, 180);
    const { nats, points } = await density(simd, model, x);
    expect(Math.abs(mass(nats, area) - 1)).toBeLessThan(2e-5);
    // The flow moves points and changes volumes: a density that forgot either would not integrate to 1.
    const moved = nats.map((value, i) => {
      return Math.exp(value) * Math.hypot(points[2 * i] - x[2 * i], points[2 * i + 1] - x[2 * i + 1]);
    });
    expect(moved.reduce((a, b) => a + b, 0) * area).toBeGreaterThan(0.3);
    model.destroy();
  });

  it('guided, conditional or from a wider base integrates to 1 too', async () => {
    const model = randomModel(simd, { classes: 3 }, 5);
    const { x, area } = square(9, 100);
    const labels = new Uint32Array(x.length / 2).fill(1);
    for (const options of [
      {},
      { guidance: 2.5 },
      { field: affine(() => ({ x: 0, head: 1, input: 1 }), 1.3) },
    ]) {
      const { nats } = await density(simd, model, x, { ...options, labels });
      expect(Math.abs(mass(nats, area) - 1)).toBeLessThan(5e-4);
    }
    model.destroy();
  });

  it('through normed blocks and through a bottleneck integrates to 1', async () => {
    const { x, area } = square(8, 90);
    for (const own of [{ norm: 'rms' }, { bottleneck: 1 }, { norm: 'rms', bottleneck: 1 }] as const) {
      const model = randomModel(simd, own, 4);
      const { nats, points } = await density(simd, model, x);
      expect(Math.abs(mass(nats, area) - 1)).toBeLessThan(1e-3);
      expect(worst(points, x)).toBeGreaterThan(0.1);
      // By all directions, and by probes' mean.
      const few = x.slice(2 * 4000, 2 * 4004);
      const exact = (await density(simd, model, few)).nats;
      const probes = await Promise.all(
        Array.from({ length: 40 }, (_, probeIndex) =>
          density(simd, model, few, { divergence: 'hutchinson', probeIndex }),
        ),
      );
      exact.forEach((value, i) => {
        const { mean, standardError } = meanAndError(Float64Array.from(probes, ({ nats: n }) => n[i]));
        expect(Math.abs(mean - value)).toBeLessThan(4 * standardError + 1e-4);
      });
      model.destroy();
    }
  });

  it('of two heads, guided too, integrates to 1', async () => {
    // b = v̂ + γ̇ η̂ with γ = t(1 − t).
    const heads = ['drift', 'denoiser'] as const;
    const field = fieldOf({ ...DEFAULT_INTERPOLANT, gamma: 'quadratic', heads });
    const model = randomModel(simd, { classes: 2 }, 7, 0.6, heads);
    const { x, area } = square(8, 140);
    const labels = new Uint32Array(x.length / 2).fill(1);
    for (const guidance of [1, 1.5]) {
      const { nats } = await density(simd, model, x, { field, labels, guidance });
      expect(Math.abs(mass(nats, area) - 1)).toBeLessThan(1e-3);
    }
    model.destroy();
  });

  it('guided with w = 1 is the label’s, with w = 0 that of no label', async () => {
    const model = randomModel(reference, { classes: 3 });
    const x = normals(2 * 7, 4);
    const labels = Uint32Array.of(0, 1, 2, 0, 1, 2, 0);
    const at = async (guidance: number, given: Uint32Array) =>
      (await density(reference, model, x, { guidance, labels: given })).nats;
    const free = await at(1, new Uint32Array(7).fill(3));
    expect(worst(await at(0, labels), free)).toBeLessThan(1e-12);
    expect(worst(await at(1 + 1e-13, labels), await at(1, labels))).toBeLessThan(1e-9);
    expect(worst(await at(1, labels), free)).toBeGreaterThan(0.01);
    model.destroy();
  });

  it('is the same on every backend', async () => {
    const options = { dim: 3, outputs: 3 };
    const x = normals(3 * 50, 8);
    const exact = await density(reference, randomModel(reference, options), x);
    const fast = await density(simd, randomModel(simd, options), x);
    const plain = new CpuBackend();
    const single = await density(plain, randomModel(plain, options), x);
    plain.destroy();
    for (const got of [fast, single]) {
      expect(worst(got.nats, exact.nats)).toBeLessThan(2e-5);
      expect(worst(got.points, exact.points)).toBeLessThan(2e-5);
    }
  });

  it('does not depend on how points are tiled', async () => {
    const model = randomModel(simd);
    const x = normals(2 * 23, 8);
    const whole = await density(simd, model, x, { divergence: 'hutchinson', tile: 23 });
    const tiled = await density(simd, model, x, { divergence: 'hutchinson', tile: 5 });
    expect(worst(tiled.nats, whole.nats)).toBeLessThan(1e-6);
    model.destroy();
  });
});

describe('an affine velocity', () => {
  // y = s(t) X with s(0) = 1: ẏ = (ṡ/s) y + s F(y/s), and ln p of y at t = 1 is ln p of y/s(1) less d ln s(1).
  it('is the same flow in other coordinates: its density differs by the Jacobian', async () => {
    const model = randomModel(reference);
    const scale = (t: number) => 1 + 1.5 * t * t;
    const field = affine((t) => ({ x: (3 * t) / scale(t), head: scale(t), input: 1 / scale(t) }));
    const x = normals(2 * 9, 3);
    const own = (await density(reference, model, x, { grid: falling(60) })).nats;
    const y = x.map((value) => value * scale(1));
    const other = await density(reference, model, y, { grid: falling(60), field });
    expect(
      worst(
        other.nats.map((value) => value + 2 * Math.log(scale(1))),
        own,
      ),
    ).toBeLessThan(1e-6);
    // By Hutchinson’s probe too: the probe’s estimate scales as the divergence does.
    const probed = await density(reference, model, x, { grid: falling(60), divergence: 'hutchinson' });
    const both = await density(reference, model, y, {
      grid: falling(60),
      field,
      divergence: 'hutchinson',
    });
    expect(
      worst(
        both.nats.map((value) => value + 2 * Math.log(scale(1))),
        probed.nats,
      ),
    ).toBeLessThan(1e-6);
  });

  it('of a network that is 0 has its closed form, from any base', async () => {
    const model = randomModel(reference, {}, 3, 0);
    const bias = model.store.get('velocity.output.bias').value;
    reference.write(bias, new Float64Array(2));
    const x = normals(2 * 5, 3);
    const field = affine((t) => ({ x: Math.cos(t), head: 1, input: 1 }), 0.7);
    const { nats } = await density(reference, model, x, { field });
    const growth = Math.exp(Math.sin(1));
    nats.forEach((value, row) => {
      const squares = (x[2 * row] ** 2 + x[2 * row + 1] ** 2) / (0.7 * growth) ** 2;
      expect(value).toBeCloseTo(-0.5 * squares - Math.log(2 * Math.PI * (0.7 * growth) ** 2), 6);
    });
  });
});

describe('Hutchinson’s probe along a trajectory', () => {
  it.each(['sign', 'normal'] as const)('of %ss is unbiased within its standard error', async (probe) => {
    const dim = 3;
    const model = randomModel(simd, { dim, outputs: dim });
    const copies = 4000;
    // One point, many probes: as many trajectories, each with its own.
    const point = normals(dim, 11);
    const x = Float64Array.from({ length: copies * dim }, (_, i) => point[i % dim]);
    const grid = falling(8);
    const exact = (await density(simd, model, point, { grid })).nats[0];
    const { nats } = await density(simd, model, x, { grid, divergence: 'hutchinson', probe });
    const { mean, standardError } = meanAndError(nats);
    expect(standardError).toBeGreaterThan(1e-3);
    expect(Math.abs(mean - exact)).toBeLessThan(4 * standardError);
    model.destroy();
  });

  it('is fixed from step to step: its estimate converges as the solver does', async () => {
    const model = randomModel(reference);
    const x = normals(2 * 6, 9);
    const at = async (steps: number) =>
      (await density(reference, model, x, { grid: falling(steps), divergence: 'hutchinson', seed: 4 })).nats;
    const [coarse, middle, fine] = [await at(8), await at(16), await at(32)];
    expect(worst(middle, fine)).toBeLessThan(worst(coarse, middle) / 8);
    const other = await density(reference, model, x, { grid: falling(8), divergence: 'hutchinson', seed: 5 });
    expect(worst(other.nats, coarse)).toBeGreaterThan(1e-2);
  });
});

describe('samples with their density', () => {
  it('are the sampler’s own, and going back gives the same density', async () => {
    const model = randomModel(reference);
    const [n, seed] = [70, 6];
    const units = { offset: [3, -40], scale: 8 };
    const drawn = await samplesWithLogDensity(reference, model, model.store, {
      ...{ n, seed, units, solver: rk4, grid: uniformGrid(24), tile: 32 },
    });
    const table = solverTable(rk4, uniformGrid(24));
    const sampler = await Sampler.create(reference, model, model.store, table, seed, 32);
    const { points } = await sampler.sample({ n });
    expect(
      worst(
        drawn.points.map((v, i) => (v - units.offset[i % 2]) / 8),
        points,
      ),
    ).toBeLessThan(1e-12);
    sampler.destroy();
    const back = await flowLikelihood(reference, model, model.store, {
      ...{ points: drawn.points, units, solver: rk4, grid: falling(24), tile: 32 },
    });
    expect(worst(back.nats, drawn.nats)).toBeLessThan(1e-5);
    model.destroy();
  });
});

describe('what a renderer reads', () => {
  it('is the samples and their log density up to a constant, on the device', async () => {
    const model = randomModel(simd);
    const field = affine((t) => ({ x: t - 0.3, head: 1, input: 1 }), 0.8);
    const flow = await FlowDensity.create(simd, model, model.store, {
      ...{ solver: rk4, grid: uniformGrid(24), field, tile: 40 },
    });
    const { points, nats } = await flow.sample(40);
    expect(Array.from(await simd.read(flow.particles))).toEqual(Array.from(points));
    const shown = Float64Array.from(await simd.read(flow.logDensities), (value) => value + flow.logConstant);
    expect(worst(shown, nats)).toBe(0);
    flow.destroy();
    const back = await density(simd, model, points, { field, tile: 40 });
    expect(worst(back.nats, nats)).toBeLessThan(2e-5);
    model.destroy();
  });
});

describe('a likelihood in the units of the data', () => {
  it('integrates to 1 there', async () => {
    const model = randomModel(simd);
    const units = { offset: [5, -7], scale: 4 };
    const { x, area } = square(8, 120);
    const points = x.map((value, i) => value * 4 + units.offset[i % 2]);
    const options = { points, units, solver: rk4, grid: falling(10) };
    const { nats } = await flowLikelihood(simd, model, model.store, options);
    expect(Math.abs(mass(nats, area * 16) - 1)).toBeLessThan(1e-3);
    model.destroy();
  });

  it('carries the tolerance that halving the steps measures, and progress up to 1', async () => {
    const model = randomModel(reference, {}, 3, 2);
    const points = normals(2 * 20, 5);
    const units = { offset: [0, 0], scale: 1 };
    const shares: number[] = [];
    const run = (steps: number) =>
      flowLikelihood(reference, model, model.store, {
        ...{ points, units, solver: solverByName('heun'), grid: falling(steps), tile: 7 },
        onProgress: (share) => {
          shares.push(share);
        },
      });
    const [loose, tight] = [await run(8), await run(32)];
    const truth = await run(256);
    // The coarse run's error is what the tolerance measures; the values are four times better.
    const error = (got: typeof loose) => worst(got.nats, truth.nats);
    expect(error(loose)).toBeLessThan(loose.tolerance);
    expect(error(tight)).toBeLessThan(tight.tolerance);
    expect(tight.tolerance).toBeLessThan(loose.tolerance / 8);
    expect(shares.every((share, i) => i === 0 || share > shares[i - 1] || shares[i - 1] === 1)).toBe(true);
    expect(shares[shares.length - 1]).toBeCloseTo(1, 12);
  });

  it('by probes says what they leave uncertain', async () => {
    const model = randomModel(simd);
    const points = normals(2 * 200, 5);
    const units = { offset: [0, 0], scale: 1 };
    const common = { points, units, solver: rk4, grid: falling(6), tile: 200 };
    const exact = await flowLikelihood(simd, model, model.store, common);
    const probed = await flowLikelihood(simd, model, model.store, {
      ...common,
      ...{ divergence: 'hutchinson', probes: 6 },
    });
    expect(exact).toMatchObject({ kind: 'numerical', divergence: 'exact', probeError: 0 });
    expect(probed.divergence).toBe('hutchinson');
    const difference = meanAndError(probed.nats.map((value, i) => value - exact.nats[i]));
    expect(probed.probeError).toBeGreaterThan(1e-4);
    // Both estimate the same spread, one from the probes of each point and one from the truth.
    expect(Math.abs(Math.log(difference.standardError / probed.probeError))).toBeLessThan(0.4);
    expect(Math.abs(difference.mean)).toBeLessThan(4 * probed.probeError);
    model.destroy();
  });
});

describe('nonsense is refused', () => {
  const create = (options: Partial<FlowDensityOptions>, model = randomModel(reference)) =>
    FlowDensity.create(reference, model, model.store, { solver: rk4, grid: falling(3), ...options });

  it.each([
    [{ solver: solverByName('euler-maruyama') }, /no Runge–Kutta method/],
    [{ guidance: 2 }, /knows no labels/],
    [{ tile: 0 }, /1 or more/],
    [{ grid: Float64Array.of(1, 1, 0) }, /strictly/],
    [{ field: affine((t) => ({ x: 1 / t, head: 1, input: 1 })) }, /not finite at t = 0: end the time grid/],
  ] as const)('%o', async (options, message) => {
    await expect(create(options)).rejects.toThrow(message);
  });

  it('by its methods', async () => {
    const flow = await create({});
    await expect(flow.logDensity(new Float64Array(3))).rejects.toThrow(/not rows of 2/);
    await expect(flow.logDensity(Float64Array.of(0, Number.NaN))).rejects.toThrow(/not finite/);
    await expect(flow.logDensity(new Float64Array(2), { labels: new Uint32Array(1) })).rejects.toThrow(
      /no labels/,
    );
    await expect(flow.sample(3)).rejects.toThrow(/times that rise/);
    const conditional = await create({}, randomModel(reference, { classes: 2 }));
    await expect(conditional.logDensity(new Float64Array(4))).rejects.toThrow(/needs 2 labels/);
    await expect(conditional.logDensity(new Float64Array(2), { labels: Uint32Array.of(3) })).rejects.toThrow(
      /label 3 of point 1/,
    );
  });
});
