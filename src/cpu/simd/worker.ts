/** A worker's main program: waits for runs and walks them. Bundled into a string by the build. */
import { link } from './link.js';
import { CONTROL, CONTROL_WORDS, sleep, spin, walk } from './walk.js';

/** What a worker is started with. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: number;
  readonly scratch: number;
  /** Address of its stopwatch, or 0 to go without. */
  readonly stopwatch: number;
  readonly part: number;
  readonly parts: number;
  /** Turns of spinning before a thread sleeps at a barrier. */
  readonly spin: number;
}

function work(start: WorkerStart, ready: () => void): void {
  const { module, memory, part, parts, scratch } = start;
  const control = new Int32Array(memory.buffer, start.control, CONTROL_WORDS);
  const { kernels, stopwatch } = link(module, memory, start.stopwatch);
  const host = () => {};
  let job = Atomics.load(control, CONTROL.job);
  ready();
  for (;;) {
    Atomics.wait(control, CONTROL.job, job);
    const next = Atomics.load(control, CONTROL.job);
    if (next === job) continue;
    job = next;
    try {
      // A fresh view, because the memory may have grown.
      const walker = { words: new Int32Array(memory.buffer), kernels, part, parts, scratch, host };
      for (const phase of walk(walker, control, control[CONTROL.program], control[CONTROL.times])) {
        const began = stopwatch?.now();
        if (!spin(control, phase, start.spin)) {
          while (Atomics.load(control, CONTROL.phase) === phase) sleep(control, phase, 1000);
        }
        stopwatch?.waited(began);
      }
    } catch (error) {
      Atomics.store(control, CONTROL.failed, 1);
      throw error;
    }
  }
}

type Threads = typeof import('node:worker_threads');

const threads = globalThis.process?.getBuiltinModule?.('node:worker_threads') as Threads | undefined;
if (threads?.parentPort) {
  const port = threads.parentPort;
  work(threads.workerData as WorkerStart, () => port.postMessage('ready'));
} else {
  addEventListener('message', (event) => work(event.data as WorkerStart, () => postMessage('ready')), {
    once: true,
  });
}
