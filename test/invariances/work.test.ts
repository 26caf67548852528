/** The work follows the number of points asked for, whatever moves them, and wherever nobody has named a tile. */
import { describe, expect, it } from 'vitest';
import type { Trace } from '../../src/backend/trace.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import type { Plan } from '../../src/index.js';
import { FlowDensity } from '../../src/likelihood/flow_density.js';
import { NetworkVelocity } from '../../src/likelihood/network_velocity.js';
import { alike, Model } from '../../src/model/model.js';
import { AdaptiveSampler } from '../../src/samplers/adaptive.js';
import { fieldOf } from '../../src/samplers/field.js';
import { fusedByDefault, Sampler } from '../../src/samplers/sampler.js';
import { solverByName } from '../../src/samplers/solvers.js';
import { solverTable, uniformGrid } from '../../src/samplers/table.js';

/** The reference with a tile as large as a graphics card's, which counts the rows that products are made of. */
class RowCounter extends CpuBackend {
  readonly particleTile = 65_536;
  rows = 0;

  override async compile(trace: Trace, label: string): Promise<Plan> {
    const plan = await super.compile(trace, label);
    const products = trace.calls.filter(({ kernel }) => kernel === 'linear_forward');
    const rows = products.reduce((sum, { params }) => sum + params.batch, 0);
    const { run } = plan;
    plan.run = (times) => {
      this.rows += times * rows;
      return run.call(plan, times);
    };
    return plan;
  }
}

const STEPS = 4;
const MODEL = {
  ...{ dim: 2, outputs: 2, hidden: 4, inner: 4, blocks: 1, classes: 0, labelWidth: 0 },
  ...{ pointFrequencies: 0, pointFrequencyScale: 0, timeFrequencies: 0 },
};
/** Input, gate, up, down, output. */
const LAYERS = 5;

type Mover = (engine: RowCounter, model: Model) => Promise<(n: number) => Promise<unknown>>;
const points = (n: number) => Float64Array.from({ length: 2 * n }, (_, i) => Math.sin(i));

const MOVERS: Record<string, Mover> = {
  Sampler: async (engine, model) => {
    const table = solverTable(solverByName('euler'), uniformGrid(STEPS));
    const sampler = await Sampler.create(engine, model, model.store, table, 1);
    return (n) => sampler.sample({ n });
  },
  'FlowDensity, samples': async (engine, model) => {
    const options = {
      solver: solverByName('euler'),
      grid: uniformGrid(STEPS),
      divergence: 'hutchinson',
    } as const;
    const flow = await FlowDensity.create(engine, model, model.store, options);
    return (n) => flow.sample(n);
  },
  'FlowDensity, given points': async (engine, model) => {
    const grid = uniformGrid(STEPS).reverse();
    const options = { solver: solverByName('euler'), grid, divergence: 'hutchinson' } as const;
    const flow = await FlowDensity.create(engine, model, model.store, options);
    return (n) => flow.logDensity(points(n));
  },
};

/** Those that choose their steps, or take what they are given, in sizes a few an octave apart. */
const ROUNDED: Record<string, Mover> = {
  NetworkVelocity: async (engine, model) => {
    const velocity = await NetworkVelocity.create(engine, model, model.store);
    return (n) => velocity.at(new Float64Array(n).fill(0.5), points(n));
  },
  AdaptiveSampler: async (engine, model) => {
    const sampler = await AdaptiveSampler.create(engine, model, model.store, fieldOf(), 1);
    return (n) => sampler.sample({ n });
  },
};

async function rowsOf(mover: Mover, counts: readonly number[]): Promise<number[]> {
  const engine = new RowCounter('f32');
  const model = new Model(engine, alike(['velocity'], MODEL), 3, false);
  const move = await mover(engine, model);
  const rows: number[] = [];
  for (const n of counts) {
    engine.rows = 0;
    await move(n);
    rows.push(engine.rows);
  }
  engine.destroy();
  return rows;
}

describe('the work follows n', () => {
  it.each(Object.keys(MOVERS))('of %s: as many rows as points, steps and layers', async (name) => {
    const counts = [40, 7, 200, 1, 40];
    expect(await rowsOf(MOVERS[name], counts)).toEqual(counts.map((n) => n * STEPS * LAYERS));
  });

  it.each(Object.keys(ROUNDED))('of %s: up to a quarter more', async (name) => {
    const [few, many] = await rowsOf(ROUNDED[name], [10, 1000]);
    expect(many / few).toBeGreaterThan(80);
    expect(many / few).toBeLessThan(125);
    const [one] = await rowsOf(ROUNDED[name], [1]);
    expect(few / one).toBeGreaterThan(8);
  });
});

it('a sampler is one kernel where a graphics card is, and a kernel a layer elsewhere', () => {
  expect(fusedByDefault({ name: 'webgpu', software: false })).toBe(true);
  expect(fusedByDefault({ name: 'webgpu', software: true })).toBe(false);
  expect(fusedByDefault({ name: 'cpu' })).toBe(false);
});
