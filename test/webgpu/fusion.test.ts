/** Blocks made in one pass: the same bits, and only where nobody else wants what is then not kept. */

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { linearForward } from '../../src/backend/contracts/linear.js';
import { swigluForward } from '../../src/backend/contracts/swiglu.js';
import { DeviceArray, type KernelCall } from '../../src/backend/kernel.js';
import { Trace } from '../../src/backend/trace.js';
import { trainingSet } from '../../src/data/dataset.js';
import { distributionByName } from '../../src/data/registry.js';
import { createTrainer } from '../../src/run/create_trainer.js';
import { runConfig } from '../../src/run/defaults.js';
import { Sampler } from '../../src/samplers/sampler.js';
import { solverByName } from '../../src/samplers/solvers.js';
import { solverTable, uniformGrid } from '../../src/samplers/table.js';
import { WebGpuBackend } from '../../src/webgpu/backend.js';
import { fuseCalls } from '../../src/webgpu/fusion.js';
import { useAdapter } from '../shared/lent.js';

let backend: WebGpuBackend;
useAdapter();
beforeAll(async () => {
  backend = await WebGpuBackend.create();
});
afterAll(() => {
  expect(backend.uncapturedErrors).toEqual([]);
  backend.destroy();
});

const SOFTWARE = { software: true, quads: true };
const names = (calls: readonly KernelCall[]) => calls.map(({ kernel }) => kernel);

const [BATCH, INPUTS, OUTPUTS] = [37, 40, 72];

/** Arrays of a block, alike whenever they are asked for. */
function blockArrays() {
  let drawn = 0;
  const filled = (length: number, label: string) => {
    const array = backend.allocate(length, label);
    backend.write(
      array,
      Float64Array.from({ length }, () => Math.sin(drawn++)),
    );
    return array;
  };
  return {
    x: filled(BATCH * INPUTS, 'x'),
    weights: [filled(OUTPUTS * INPUTS, 'gate weight'), filled(OUTPUTS * INPUTS, 'up weight')],
    biases: [filled(OUTPUTS, 'gate bias'), filled(OUTPUTS, 'up bias')],
    a: filled(BATCH * OUTPUTS, 'a'),
  };
}

type Arrays = ReturnType<typeof blockArrays>;

interface Changes {
  /** Which projection is made first. */
  readonly order?: readonly [number, number];
  readonly rows?: number;
  readonly residual?: boolean;
  readonly kept?: boolean;
  readonly inputs?: readonly [DeviceArray, DeviceArray];
  readonly gates?: readonly [number, number];
  readonly a?: DeviceArray;
}

/** The calls of a block as the network traces them, or with something changed. */
function block(trace: Trace, { x, weights, biases, a }: Arrays, changes: Changes = {}): DeviceArray[] {
  const { order = [0, 1], rows = BATCH, residual = false, kept = false, gates = [0, 1] } = changes;
  const projections = ['gate', 'up'].map((label) =>
    kept ? backend.allocate(BATCH * OUTPUTS, label) : trace.temporary(BATCH * OUTPUTS, label),
  );
  const sizes = { inputs: INPUTS, outputs: OUTPUTS, hasResidual: residual ? 1 : 0 };
  order.forEach((i, at) => {
    const arrays = {
      x: changes.inputs?.[at] ?? x,
      weight: weights[i],
      bias: biases[i],
      residual: residual ? a : biases[i],
      y: projections[i],
    };
    trace.call(linearForward, arrays, { ...sizes, batch: at === 0 ? BATCH : rows });
  });
  const [gate, up] = gates.map((i) => projections[i]);
  trace.call(swigluForward, { gate, up, a: changes.a ?? a }, { n: BATCH * OUTPUTS });
  return projections;
}

async function outputOf(changes: Changes, fused: boolean): Promise<Float32Array> {
  const arrays = blockArrays();
  const trace = new Trace();
  block(trace, arrays, changes);
  expect(names(fuseCalls(trace.calls, SOFTWARE)).includes('linear_swiglu')).toBe(fused);
  const plan = await backend.compile(trace, 'block');
  await plan.run(1);
  return (await backend.read(arrays.a)) as Float32Array;
}

describe('a block of which only the output is kept', () => {
  it('is one kernel on a software adapter with quads, to the same bits', async () => {
    const expected = await outputOf({ kept: true }, false);
    expect(expected.some((value) => value !== 0)).toBe(true);
    expect(await outputOf({}, true)).toEqual(expected);
    expect(await outputOf({ order: [1, 0] }, true)).toEqual(expected);
    expect(await outputOf({ gates: [1, 0] }, true)).not.toEqual(expected);
    const swapped = await outputOf({ gates: [1, 0], kept: true }, false);
    expect(await outputOf({ gates: [1, 0] }, true)).toEqual(swapped);
  });

  it('is left as it is on other adapters', () => {
    const trace = new Trace();
    block(trace, blockArrays());
    for (const software of [true, false]) {
      for (const quads of [true, false]) {
        const fused = fuseCalls(trace.calls, { software, quads }).length === 1;
        expect(fused).toBe(software && quads);
      }
    }
  });

  it('is left as it is where the pass would not be the same, or a projection is wanted later', () => {
    const arrays = blockArrays();
    const other = backend.allocate(BATCH * INPUTS, 'other');
    const wide = backend.allocate(BATCH * (INPUTS + OUTPUTS), 'in place');
    const changes: Record<string, Changes> = {
      'fewer rows of one projection': { rows: BATCH - 1 },
      'a residual': { residual: true },
      'projections of different rows': { inputs: [arrays.x, other] },
      'one projection twice': { gates: [0, 0] },
      'an output over its input': {
        inputs: [
          new DeviceArray(wide.storage, 0, BATCH * INPUTS),
          new DeviceArray(wide.storage, 0, BATCH * INPUTS),
        ],
        a: new DeviceArray(wide.storage, 0, BATCH * OUTPUTS),
      },
    };
    for (const [what, changed] of Object.entries(changes)) {
      const trace = new Trace();
      block(trace, arrays, changed);
      expect(names(fuseCalls(trace.calls, SOFTWARE)), what).not.toContain('linear_swiglu');
    }
    for (const wanted of [0, 1]) {
      const trace = new Trace();
      const projections = block(trace, arrays);
      const n = BATCH * OUTPUTS;
      trace.call(
        swigluForward,
        { gate: projections[wanted], up: arrays.a, a: trace.temporary(n, 'b') },
        { n },
      );
      expect(fuseCalls(trace.calls, SOFTWARE)).toEqual(trace.calls);
    }
    const trace = new Trace();
    block(trace, arrays);
    const chosen = trace.calls.map((call, i) => (i === 1 ? { ...call, variant: 'direct' } : call));
    expect(fuseCalls(chosen, SOFTWARE)).toEqual(chosen);
  });

  it('is every block of a network that is only evaluated, and none of one that is trained', async () => {
    const compile = vi.spyOn(backend, 'compile');
    const blocksOf = () => {
      const calls = compile.mock.calls.flatMap(([trace]) => fuseCalls(trace.calls, SOFTWARE));
      compile.mockClear();
      return {
        fused: names(calls).filter((name) => name === 'linear_swiglu').length,
        plain: names(calls).filter((name) => name === 'swiglu_forward').length,
      };
    };
    const config = runConfig({
      family: 'flow-matching',
      data: { name: 'moons', rows: 40, dim: 2, ambient: 0, classes: 0, digest: '' },
      transform: { offset: [0, 0], scale: 1 },
      network: { hidden: 32, inner: 48, blocks: 2 },
      steps: 2,
      batch: 32,
    });
    const dataset = trainingSet(distributionByName('moons'), 40, 1);
    const trainer = await createTrainer(backend, config, dataset);
    const trained = blocksOf();
    const table = solverTable(solverByName('heun'), uniformGrid(3));
    const { model } = trainer;
    const average = model.store.view(trainer.optimizer.average);
    const sampler = await Sampler.create(backend, model, average, table, 1, 40, { fused: false });
    // Two blocks, evaluated twice a step.
    expect(blocksOf()).toEqual({ fused: 4, plain: 0 });
    expect(trained).toEqual({ fused: 0, plain: 2 });
    const { points } = await sampler.sample({ n: 40 });
    expect(points.every(Number.isFinite)).toBe(true);
    sampler.destroy();
    trainer.destroy();
  });
});
