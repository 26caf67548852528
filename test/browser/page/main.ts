/** What the tests run inside the browser. Every check returns plain data; the judging is done outside. */

import { ema } from '../../../src/backend/contracts/optimizer.js';
import { KERNELS } from '../../../src/backend/kernels.js';
import { Trace } from '../../../src/backend/trace.js';
import { TributaryError } from '../../../src/errors.js';
import { createTrainer } from '../../../src/run/create_trainer.js';
import type { TrainingState } from '../../../src/train/learner.js';
import { smallRun, verifyRuns } from '../../../src/verify/end_to_end.js';
import { verifyKernels } from '../../../src/verify/kernels.js';
import { WebGpuBackend, type WebGpuOptions } from '../../../src/webgpu/backend.js';
import { PipelineCache } from '../../../src/webgpu/pipelines.js';
import broken from '../fixtures/broken.wgsl';

/** Runs `check` on a fresh backend; errors that nobody caught fail it. */
async function withBackend<T>(check: (backend: WebGpuBackend) => Promise<T>, options: WebGpuOptions = {}) {
  const backend = await WebGpuBackend.create(options);
  try {
    const result = await check(backend);
    await backend.finish();
    if (backend.uncapturedErrors.length > 0) throw new Error(backend.uncapturedErrors.join('\n'));
    return result;
  } finally {
    backend.destroy();
  }
}

/** The error of a promise as plain data. */
async function failure(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof TributaryError) return { code: error.code, message: error.message };
    return { code: 'untyped', message: String(error) };
  }
  return { code: 'none', message: 'it succeeded' };
}

/** The moving average of 64 numbers towards others, and what it needs. */
async function tinyPlan(backend: WebGpuBackend, n = 64) {
  const clock = backend.allocate(4, 'clock', 'u32');
  const schedule = backend.allocate(4, 'schedule');
  backend.write(schedule, [0, 0, 0, 0.5]);
  const parameter = backend.allocate(n, 'parameter');
  const average = backend.allocate(n, 'average');
  const trace = new Trace();
  trace.call(ema, { clock, schedule, parameter, average }, { n });
  return { plan: await backend.compile(trace, 'tiny'), parameter, average, trace };
}

/** A run that is small enough to be taken hundreds of steps twice. */
function tinyRun() {
  const { config, dataset } = smallRun(3);
  return { config: { ...config, batch: 16 }, dataset };
}

async function trainedBits(): Promise<number[]> {
  return withBackend(async (backend) => {
    const { config, dataset } = tinyRun();
    const trainer = await createTrainer(backend, config, dataset);
    await trainer.train(config.steps);
    const values = await backend.read(trainer.model.store.values);
    trainer.destroy();
    return Array.from(new Uint32Array(values.buffer));
  });
}

const losses = (records: readonly { losses: object }[]) =>
  records.map((record) => JSON.stringify(record.losses));

const checks = {
  async kernels(tuning: Record<string, number>, randomShapes: number) {
    return withBackend((backend) => verifyKernels({ backend, seed: 2, randomShapes }), { tuning });
  },

  async runs() {
    return withBackend((backend) => verifyRuns({ backend, seed: 2 }));
  },

  async determinism() {
    const first = await trainedBits();
    const second = await trainedBits();
    const same = (other: number[]) => first.every((bits, i) => bits === other[i]);
    return {
      numbers: first.length,
      nonZero: first.some((bits) => bits !== 0),
      again: same(second),
    };
  },

  async replays(first: number, rest: number) {
    return withBackend(async (backend) => {
      const { plan, parameter, average } = await tinyPlan(backend);
      backend.write(parameter, new Array(64).fill(1));
      for (let i = 0; i < 10; i++) {
        await plan.run(first / 10);
        await backend.read(average);
      }
      const before = { ...backend.counters };
      for (let i = 0; i < 10; i++) {
        await plan.run(rest / 10);
        await backend.read(average);
      }
      await backend.finish();
      return { before, after: { ...backend.counters }, average: Array.from(await backend.read(average)) };
    });
  },

  /** Compiling again takes the buffers of the plan before. */
  async recompiling() {
    return withBackend(async (backend) => {
      const { config, dataset } = tinyRun();
      const trainer = await createTrainer(backend, config, dataset);
      await trainer.train(2);
      const trace = new Trace();
      const temporary = trace.temporary(5000, 'temporary');
      const { parameter, trace: tiny } = await tinyPlan(backend, 5000);
      trace.call(KERNELS.swiglu_forward, { gate: parameter, up: parameter, a: temporary }, { n: 5000 });
      trace.calls.push(...tiny.calls);
      (await backend.compile(trace, 'once')).destroy();
      const before = backend.counters.buffers;
      for (let i = 0; i < 5; i++) (await backend.compile(trace, 'again')).destroy();
      trainer.destroy();
      return backend.counters.buffers - before;
    });
  },

  /** A write behind a long run that is not awaited must not overtake it, nor a read the write. */
  async order() {
    return withBackend(async (backend) => {
      const { plan, parameter, average } = await tinyPlan(backend);
      backend.write(parameter, new Array(64).fill(1));
      await plan.run(1);
      const running = plan.run(3000);
      const before = backend.read(average);
      backend.write(average, new Array(64).fill(7));
      const after = backend.read(average);
      await running;
      return { before: (await before)[0], after: (await after)[0] };
    });
  },

  async profile() {
    return withBackend(
      async (backend) => {
        const { plan } = await tinyPlan(backend);
        await plan.run(25);
        return { available: backend.profiling, rows: backend.profile() };
      },
      { profile: true },
    );
  },

  /** A page's own device is used and outlives the backend. */
  async givenDevice() {
    const adapter = await navigator.gpu.requestAdapter();
    const device = await adapter!.requestDevice();
    const rows = await withBackend(
      (backend) => verifyKernels({ backend, seed: 1, kernels: ['linear_forward', 'adamw'], randomShapes: 0 }),
      { device },
    );
    const buffer = device.createBuffer({ size: 16, usage: GPUBufferUsage.COPY_DST });
    device.queue.writeBuffer(buffer, 0, new Float32Array(4));
    await device.queue.onSubmittedWorkDone();
    const lost = await Promise.race([device.lost.then(() => true), Promise.resolve(false)]);
    device.destroy();
    return { rows, lost, limit: device.limits.maxStorageBufferBindingSize };
  },

  /** Training goes on from its checkpoint on another device after the first was lost in the middle of it. */
  async lostDevice() {
    const { config, dataset } = tinyRun();
    const whole = await withBackend(async (backend) => {
      const trainer = await createTrainer(backend, config, dataset);
      return losses([...(await trainer.train(80)), ...(await trainer.flush())]);
    });
    const backend = await WebGpuBackend.create();
    const trainer = await createTrainer(backend, config, dataset);
    const before = losses([...(await trainer.train(40)), ...(await trainer.flush())]);
    const state: TrainingState = await trainer.state();
    const going = failure(trainer.train(100));
    const reading = failure(backend.read(trainer.model.store.values));
    backend.gpu.destroy();
    const errors = [await going, await reading, await failure(backend.finish())];
    errors.push(await failure(Promise.resolve().then(() => backend.allocate(1, 'x'))));
    backend.destroy();
    const resumed = await withBackend(async (fresh) => {
      const next = await createTrainer(fresh, config, dataset);
      next.restore(state);
      return losses([...(await next.train(40)), ...(await next.flush())]);
    });
    return {
      errors,
      same: JSON.stringify(whole) === JSON.stringify([...before, ...resumed]),
      steps: whole.length,
    };
  },

  async destroyed() {
    const backend = await WebGpuBackend.create();
    const { plan, average } = await tinyPlan(backend);
    const running = failure(plan.run(100_000));
    const reading = failure(backend.read(average));
    backend.destroy();
    return [await running, await reading, await failure(plan.run(1)), await failure(backend.finish())];
  },

  async brokenShader() {
    return withBackend((backend) => {
      const cache = new PipelineCache(backend.gpu, { buffers: 0, bindGroups: 0, pipelines: 0 });
      return failure(cache.kernel(broken));
    });
  },

  async limits() {
    return withBackend(async (backend) => {
      const buffers = backend.counters.buffers;
      const elements = Math.floor(backend.gpu.limits.maxBufferSize / 4) + 1;
      const array = await failure(Promise.resolve().then(() => backend.allocate(elements, 'too large')));
      const trace = new Trace();
      const x = trace.temporary(elements, 'activations');
      const y = trace.temporary(elements, 'others');
      const clock = backend.allocate(4, 'clock', 'u32');
      const seed = { seedLow: 0, seedHigh: 0, stream: 1, dim: 1, scale: 1 };
      trace.call(KERNELS.random_normal, { clock, out: x }, { ...seed, n: elements });
      trace.call(KERNELS.swiglu_forward, { gate: x, up: x, a: y }, { n: elements });
      const plan = await failure(backend.compile(trace, 'large'));
      return { array, plan, allocated: backend.counters.buffers - buffers };
    });
  },

  /** Steps without an end, for a page that is closed meanwhile. */
  async forever() {
    const backend = await WebGpuBackend.create();
    const { plan } = await tinyPlan(backend);
    document.title = 'running';
    for (;;) await plan.run(1000);
  },
};

export type Checks = typeof checks;
Object.assign(globalThis, { checks });
