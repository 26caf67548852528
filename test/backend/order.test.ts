import { describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { swigluForward } from '../../src/backend/contracts/swiglu.js';
import { Trace } from '../../src/backend/trace.js';
import { createEngine } from '../../src/engine.js';
import { verifyKernels } from '../../src/verify/kernels.js';
import { verify } from '../../src/verify/verify.js';

const verifyAll = async (options: Parameters<typeof verify>[0]) => (await verify(options)).rows;

const engines: [string, () => Promise<Backend>][] = [
  ['reference', () => createEngine({ simd: false })],
  ['SIMD, one thread', () => createEngine({ threads: 1 })],
  ['SIMD, two threads', () => createEngine({ threads: 2 })],
];

describe.each(engines)('%s', (name, create) => {
  it('takes writes, runs and reads in the order in which they were issued', async () => {
    const engine = await create();
    const n = 1000;
    const gate = engine.allocate(n, 'gate');
    const up = engine.allocate(n, 'up');
    const a = engine.allocate(n, 'a');
    engine.write(gate, new Float64Array(n).fill(100));
    const trace = new Trace();
    trace.call(swigluForward, { gate, up, a }, { n });
    const plan = await engine.compile(trace, 'order');
    // Nothing is awaited between these: σ(100) is 1, so that a = 100·up.
    const seen: Promise<ArrayLike<number>>[] = [];
    const runs: Promise<void>[] = [];
    for (let k = 1; k <= 5; k++) {
      engine.write(up, new Float64Array(n).fill(k));
      seen.push(engine.read(up));
      runs.push(plan.run(1));
      seen.push(engine.read(a));
    }
    engine.write(a, new Float64Array(n).fill(-1));
    seen.push(engine.read(a));
    await Promise.all(runs);
    const values = (await Promise.all(seen)).map((content) => [content[0], content[n - 1]]);
    const expected = [1, 100, 2, 200, 3, 300, 4, 400, 5, 500, -1].map((value) => [value, value]);
    expect(values).toEqual(expected);
    engine.destroy();
  });

  it('agrees with the float64 reference, kernel by kernel and in whole runs', async () => {
    const engine = await create();
    // Whole runs on one thread have the bits of those on two: see test/cpu/threads.test.ts.
    const check = name === 'SIMD, one thread' ? verifyKernels : verifyAll;
    const rows = await check({ backend: engine, seed: 4 });
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.filter((row) => !row.ok)).toEqual([]);
    engine.destroy();
  });
});

it('a backend that is wrong in one number is found', async () => {
  const engine = await createEngine({ simd: false });
  const read = engine.read.bind(engine);
  engine.read = async (array) => {
    const content = await read(array);
    if (array.label.includes('dweight') && content.length > 3) content[3] *= 1.001;
    return content;
  };
  const rows = await verifyKernels({ backend: engine, seed: 4 });
  expect(new Set(rows.filter((row) => !row.ok).map((row) => row.kernel))).toEqual(
    new Set(['linear_backward_weight']),
  );
  engine.destroy();
});
