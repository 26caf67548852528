import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { CLOCK_LENGTH } from '../../src/backend/clock.js';
import { swigluForward } from '../../src/backend/contracts/swiglu.js';
import { Trace } from '../../src/backend/trace.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { SimdBackend } from '../../src/cpu/simd/backend.js';
import { createEngine } from '../../src/engine.js';
import { smallTrainer } from './trainer.js';

/** Milliseconds that only what hangs takes. */
const HANG = 300_000;

/** Losses and parameters after a short training of two heads, as bits. */
async function train(threads: number, seed = 3): Promise<string[]> {
  const engine = await SimdBackend.create({ threads });
  const trainer = await smallTrainer(engine, seed);
  const records = [...(await trainer.train(50)), ...(await trainer.flush())];
  expect(records).toHaveLength(50);
  const bits = [trainer.model.store.values, trainer.optimizer.average].map(async (array) => {
    const values = (await engine.read(array)) as Float32Array;
    return Buffer.from(values.buffer).toString('base64');
  });
  const result = [JSON.stringify(records), ...(await Promise.all(bits))];
  engine.destroy();
  return result;
}

describe('threads', () => {
  it('give the same bits whatever their number, and again with the same seed', async () => {
    const [one, two, again, three, other] = [
      await train(1),
      await train(2),
      await train(2),
      await train(3),
      await train(2, 4),
    ];
    expect(two).toEqual(one);
    expect(again).toEqual(one);
    expect(three).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it('train as the reference does', async () => {
    const losses = async (engine: SimdBackend | CpuBackend) => {
      const trainer = await smallTrainer(engine, 3);
      const records = [...(await trainer.train(10)), ...(await trainer.flush())];
      engine.destroy();
      return records.map((record) => [record.losses.velocity!, record.losses.denoiser!, record.gradientNorm]);
    };
    const expected = await losses(new CpuBackend('f64'));
    const actual = await losses(await SimdBackend.create({ threads: 2 }));
    // Steps of Adam amplify rounding where a gradient is near 0, the more the longer they go on.
    actual.forEach((record, step) => {
      record.forEach((value, k) => {
        expect(Math.abs(value / expected[step][k] - 1)).toBeLessThan(step === 0 ? 1e-5 : 1e-3);
      });
    });
  });
});

/** A plan of one long enough kernel, and the worker threads of the engine behind it. */
async function engineWithPlan() {
  const engine = await SimdBackend.create({ threads: 2 });
  const n = 4096;
  const [gate, up, a] = ['gate', 'up', 'a'].map((label) => engine.allocate(n, label));
  const trace = new Trace();
  trace.call(swigluForward, { gate, up, a }, { n });
  const plan = await engine.compile(trace, 'test');
  const { pool } = engine as unknown as { pool: { lost: string | null; threads: { terminate(): void }[] } };
  return { engine, plan, pool, threads: pool.threads };
}

describe('a worker that dies', () => {
  it('is a typed error while a run needs it, and from then on', async () => {
    const { engine, plan, threads } = await engineWithPlan();
    await plan.run(3);
    threads[0].terminate();
    // The exit is not known yet: the run starts, waits at its barrier, and must not wait for ever.
    await expect(plan.run(1000)).rejects.toMatchObject({ code: 'worker-lost' });
    await expect(plan.run(1)).rejects.toMatchObject({ code: 'worker-lost' });
    engine.destroy();
  });

  it('is a typed error when it died while idle', async () => {
    const { engine, plan, pool } = await engineWithPlan();
    const { threads } = pool;
    await plan.run(1);
    threads[0].terminate();
    // Its end is noticed by the way.
    await vi.waitFor(() => expect(pool.lost).not.toBeNull(), { timeout: HANG });
    await expect(plan.run(1)).rejects.toMatchObject({ code: 'worker-lost' });
    engine.destroy();
  });
});

describe('an engine that is destroyed', () => {
  it('while a run waits for a thread that will not come settles the run, and what is behind it', async () => {
    const { engine, plan, threads } = await engineWithPlan();
    const array = engine.allocate(4, 'x');
    await plan.run(1);
    // It dies unseen, so that the run is at its barrier for certain.
    threads[0].terminate();
    const waiting = [plan.run(1000), plan.run(1), engine.read(array), engine.finish()];
    engine.destroy();
    const settled = await Promise.allSettled(waiting);
    for (const { reason } of settled as PromiseRejectedResult[])
      expect(reason).toMatchObject({ code: 'destroyed' });
    engine.destroy();
    await expect(plan.run(1)).rejects.toMatchObject({ code: 'destroyed' });
  });
});

describe('createEngine', () => {
  it('gives the fast backend, with as many threads as asked for, or the reference', async () => {
    const fast = await createEngine({ threads: 2 });
    expect(fast).toBeInstanceOf(SimdBackend);
    expect(fast.device).toContain('2 threads');
    const reference = await createEngine({ simd: false });
    expect(reference).toBeInstanceOf(CpuBackend);
    fast.destroy();
    reference.destroy();
  });

  it.each([0, -1, 1.5, 1000])('refuses %d threads', async (threads) => {
    await expect(createEngine({ threads })).rejects.toMatchObject({ code: 'bad-input' });
  });
});

describe('order and memory', () => {
  it('a write behind a run that waits takes effect after it', async () => {
    const { engine, plan } = await engineWithPlan();
    const array = engine.allocate(4, 'x');
    engine.write(array, [1, 2, 3, 4]);
    const run = plan.run(2);
    engine.write(array, [5, 6, 7, 8]);
    expect(Array.from(await engine.read(array))).toEqual([5, 6, 7, 8]);
    await run;
    engine.destroy();
  });

  it('allocates nothing new while it trains, and gives back what is freed, zeroed', async () => {
    const engine = await SimdBackend.create({ threads: 1 });
    const before = engine.heap.used;
    const trainer = await smallTrainer(engine, 1);
    await trainer.train(1);
    const during = engine.heap.used;
    await trainer.train(9);
    expect(engine.heap.used).toBe(during);
    expect(during - before).toBeLessThan(1.5 * trainer.memoryBytes);
    trainer.destroy();
    expect(engine.heap.used).toBe(before);
    const fresh = engine.allocate(100_000, 'fresh');
    expect((await engine.read(fresh)).every((value) => value === 0)).toBe(true);
    engine.destroy();
  });

  it('grows past its first memory, and says when it cannot', async () => {
    const engine = await SimdBackend.create({ threads: 2 });
    const clock = engine.allocate(CLOCK_LENGTH, 'clock', 'u32');
    const large = engine.allocate(3_000_000, 'large');
    engine.write(clock, [1, 2, 3, 4]);
    engine.write(large.slice(2_999_936, 64), new Float32Array(64).fill(7));
    expect((await engine.read(large))[2_999_999]).toBe(7);
    expect(Array.from(await engine.read(clock))).toEqual([1, 2, 3, 4]);
    expect(() => engine.allocate(2 ** 31, 'too large')).toThrowError(
      expect.objectContaining({ code: 'out-of-memory' }),
    );
    engine.destroy();
  });
});

describe('the built package in a process of its own', () => {
  const run = async (script: string) => {
    const index = new URL('../../dist/index.js', import.meta.url).href;
    const code = script.replace('INDEX', JSON.stringify(index));
    return promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], { timeout: HANG });
  };

  it('computes with threads, ends when the engine is destroyed, and does not busy-wait', async () => {
    const { stdout } = await run(`
      import { createEngine } from INDEX;
      const engine = await createEngine({ threads: 2 });
      const array = engine.allocate(3, 'x');
      engine.write(array, [1, 2, 3]);
      const idle = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 500));
      const { user } = process.cpuUsage(idle);
      console.log(engine.device, (await engine.read(array)).join(), user < 250_000);
      engine.destroy();
    `);
    expect(stdout).toMatch(/^CPU, 2 threads.* 1,2,3 true\n$/);
  });

  it('ends even when the engine is forgotten', async () => {
    const { stdout } = await run(`
      import { createEngine } from INDEX;
      const engine = await createEngine({ threads: 2 });
      console.log(engine.device);
    `);
    expect(stdout).toContain('2 threads');
  });

  it('starts no thread and compiles no WebAssembly when it is imported', async () => {
    const { stdout } = await run(`
      const compiled = [];
      for (const name of ['compile', 'instantiate', 'validate']) {
        const original = WebAssembly[name];
        WebAssembly[name] = (...args) => (compiled.push(name), original(...args));
      }
      await import(INDEX);
      console.log(compiled.length, process.getActiveResourcesInfo().filter((r) => /Worker|MessagePort/.test(r)).length);
    `);
    expect(stdout).toBe('0 0\n');
  });
});
