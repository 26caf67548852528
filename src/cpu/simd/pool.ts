/** The threads of an engine: the calling thread and its workers. */
import { Life } from '../../backend/life.js';
import { TributaryError } from '../../errors.js';
import { link } from './link.js';
import type { Stopwatch } from './stopwatch.js';
import { CONTROL, CONTROL_WORDS, HEADER, type Kernel, sleep, spin, walk } from './walk.js';
import type { WorkerStart } from './worker.js';

/** Turns of a spinning thread before it sleeps: some ten microseconds. */
const SPIN = 20_000;
/** The same where a thread may not sleep: giving the page's event loop a turn takes some milliseconds. */
const PAGE_SPIN = 20 * SPIN;
/** How long the calling thread blocks at a barrier before it lets its event loop see whether a worker died. */
const PATIENCE_MS = 50;

type Threads = typeof import('node:worker_threads');

/** What a pool needs of a worker, in Node and in a page. */
interface Thread {
  terminate(): void;
}

const nodeThreads = (): Threads | undefined =>
  globalThis.process?.getBuiltinModule?.('node:worker_threads') as Threads | undefined;

/** How many threads there can be: one, where memory cannot be shared with workers. */
export function availableThreads(): number {
  if (nodeThreads()) {
    const os = globalThis.process.getBuiltinModule('node:os') as typeof import('node:os');
    return os.availableParallelism();
  }
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true;
  return isolated && typeof Worker === 'function' ? (navigator.hardwareConcurrency ?? 1) : 1;
}

export class Pool {
  private readonly threads: Thread[] = [];
  private readonly control: Int32Array;
  private readonly kernels: readonly Kernel[];
  /** The calling thread's. */
  private readonly stopwatch: Stopwatch | null;
  /** Ends when a worker does, or by `destroy`: no run begins or waits after that. */
  readonly life = new Life();
  /** Whether this thread may block: everywhere but on a page's main thread. */
  private readonly mayBlock = nodeThreads() !== undefined || typeof document === 'undefined';

  private constructor(
    readonly module: WebAssembly.Module,
    readonly memory: WebAssembly.Memory,
    readonly parts: number,
    private readonly controlAddress: number,
    private readonly scratch: readonly number[],
    private readonly stopwatches: readonly number[],
  ) {
    this.control = new Int32Array(memory.buffer, controlAddress, CONTROL_WORDS);
    const { kernels, stopwatch } = link(module, memory, stopwatches[0] ?? 0);
    this.kernels = kernels;
    this.stopwatch = stopwatch;
  }

  /**
   * Starts `scratch.length` threads, of which the caller is the first.
   * @param control address of zeroed words
   * @param scratch address of each thread's scratch memory
   * @param stopwatches address of each thread's stopwatch; none to go without
   * @throws TributaryError('worker-lost') when a worker does not start
   */
  static async create(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    control: number,
    scratch: readonly number[],
    stopwatches: readonly number[] = [],
  ): Promise<Pool> {
    const pool = new Pool(module, memory, scratch.length, control, scratch, stopwatches);
    if (scratch.length > 1) {
      const source = (await import('./worker.ts?source')).default;
      try {
        await Promise.all(scratch.slice(1).map((_, index) => pool.start(source, index + 1)));
      } catch (error) {
        pool.destroy();
        throw error;
      }
    }
    return pool;
  }

  private start(source: string, part: number): Promise<void> {
    const { module, memory, parts } = this;
    const data: WorkerStart = {
      module,
      memory,
      control: this.controlAddress,
      scratch: this.scratch[part],
      stopwatch: this.stopwatches[part] ?? 0,
      part,
      parts,
      spin: SPIN,
    };
    const api = nodeThreads();
    return new Promise((resolve, reject) => {
      // A worker that is told to end says so as well: the first reason stays.
      const fail = (what: string) => {
        this.lose(what);
        reject(this.life.failure);
      };
      if (api) {
        const worker = new api.Worker(source, { eval: true, workerData: data, name: 'tributary' });
        worker.once('message', () => {
          // From now on the worker waits for work and keeps no process alive.
          worker.unref();
          resolve();
        });
        worker.on('error', (error) => fail(`thread ${part} failed: ${error.message}`));
        worker.on('exit', (code) => fail(`thread ${part} exited with code ${code}`));
        this.threads.push({ terminate: () => void worker.terminate() });
      } else {
        const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
        const worker = new Worker(url, { name: 'tributary' });
        worker.onmessage = () => {
          URL.revokeObjectURL(url);
          resolve();
        };
        worker.onerror = (event) => fail(`thread ${part} failed: ${event.message}`);
        worker.postMessage(data);
        this.threads.push(worker);
      }
    });
  }

  private lose(what: string): void {
    const advice = `${what}: make a new engine and resume from the last checkpoint`;
    this.end(new TributaryError('worker-lost', advice));
  }

  /** None of the threads can go on without the others. */
  private end(reason: TributaryError): void {
    this.life.end(reason);
    for (const thread of this.threads.splice(0)) thread.terminate();
  }

  /**
   * Runs a program. On the way to its end this blocks the calling thread while it has work of its own; it
   * yields to the event loop only at a barrier that others are late for.
   * @throws TributaryError('worker-lost') when a worker has died, or 'destroyed', also where that happens meanwhile
   */
  async run(program: number, times: number, host: (index: number) => void): Promise<void> {
    this.life.check();
    const { control, kernels, parts, scratch } = this;
    const words = new Int32Array(this.memory.buffer);
    if (parts > 1) {
      const header = program >> 2;
      const claims = words[header + HEADER.claims] >> 2;
      words.fill(0, claims, claims + words[header + HEADER.claimWords]);
      control[CONTROL.program] = program;
      control[CONTROL.times] = times;
      Atomics.add(control, CONTROL.job, 1);
      Atomics.notify(control, CONTROL.job);
    }
    const walker = { words, kernels, part: 0, parts, scratch: scratch[0], host };
    const turns = this.mayBlock ? SPIN : PAGE_SPIN;
    for (const phase of walk(walker, control, program, times)) {
      const began = this.stopwatch?.now();
      if (!spin(control, phase, turns) && !this.block(phase)) await this.wait(phase);
      this.stopwatch?.waited(began);
    }
  }

  /** Blocks for a while; returns whether the phase has ended. */
  private block(phase: number): boolean {
    if (this.mayBlock) sleep(this.control, phase, PATIENCE_MS);
    return Atomics.load(this.control, CONTROL.phase) !== phase;
  }

  /** Waits with the event loop running, so that the end of a worker, or of the engine, is noticed. */
  private async wait(phase: number): Promise<void> {
    while (Atomics.load(this.control, CONTROL.phase) === phase) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (Atomics.load(this.control, CONTROL.failed) !== 0) this.lose('a thread failed');
      this.life.check();
    }
  }

  destroy(): void {
    this.end(new TributaryError('destroyed', 'the engine has been destroyed'));
  }
}
