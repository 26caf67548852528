/**
 * The GPU path against its peers: in headless Chrome Tributary, jax-js and tfjs, for sampling also onnxruntime-web, take
 * turns on the same network, batch and start; with `--dawn` Tributary alone, in Node. Losses and velocities must agree.
 * `--kernels` measures kernel by kernel.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { makeProblem } from '../demo/src/peers/problem.js';
import { Race, type Row } from '../demo/src/peers/race.js';
import { machineText, rowsText } from '../demo/src/peers/result.js';
import { tributary } from '../demo/src/peers/tributary.js';
import { VERSIONS } from '../demo/src/peers/versions.js';
import { TributaryError } from '../src/errors.js';
import { WebGpuBackend } from '../src/webgpu/backend.js';
import { LAUNCHES } from '../src/webgpu/launches.js';
import { SHADERS } from '../src/webgpu/shaders.js';
import { shaderOf } from '../src/webgpu/variants.js';
import { call, openPage } from './gpu/browser.js';
import { type KernelRow, measureKernels } from './gpu/kernels.js';
import { type Limits, limitsOf, limitsText } from './gpu/limits.js';
import { type Options, readOptions, type Task, tasksOf } from './gpu/options.js';
import { measurePeaks, type Peaks, peakRows, shareText } from './gpu/peaks.js';

const log = (line: string) => process.stderr.write(`${line}\n`);

/** Where it runs: a page, or Node. */
interface Place {
  readonly description: string;
  readonly software: boolean;
  readonly host: string;
  peaks(): Promise<Peaks>;
  race(task: Task, rounds: number): Promise<Row[]>;
  kernels(options: { only?: string; rounds: number }): Promise<KernelRow[]>;
  close(): Promise<void>;
}

async function inPage(): Promise<Place> {
  const { page, close } = await openPage(log);
  const { browser, ...device } = await call(page, 'machine');
  return {
    ...device,
    host: browser,
    peaks: () => call(page, 'peaks'),
    race: ({ sizes, train, sample }, rounds) => call(page, 'race', sizes, { rounds, train, sample }),
    kernels: (options) => call(page, 'kernels', options),
    close,
  };
}

async function inNode(): Promise<Place> {
  const engine = await WebGpuBackend.create();
  const own = { name: 'tributary', version: VERSIONS['tributary-engine'] };
  return {
    description: engine.device,
    software: engine.software,
    host: `Node ${process.version}, Dawn`,
    peaks: measurePeaks,
    race: ({ sizes, train, sample }, rounds) => {
      const entry = {
        ...own,
        open: (problem: Parameters<typeof tributary>[0]) => tributary(problem, engine),
      };
      return new Race([entry], makeProblem(sizes), { rounds, train, sample, say: log }).run();
    },
    kernels: (options) => measureKernels({ ...options, say: log }),
    close: async () => engine.destroy(),
  };
}

/** A kernel's row with how near it comes to the peaks, and what its source says of it. */
function withLimits(row: KernelRow, peaks: Peaks): KernelRow & { limits: Limits; note: string } {
  const { kernel, variant, shape } = row;
  const name = shaderOf(kernel, variant || null);
  const card = { software: false, quads: true };
  const [limits] = limitsOf(SHADERS[name], LAUNCHES[name].constants?.(shape, card) ?? {});
  return { ...row, limits, note: `${shareText(row, peaks)}; ${limitsText(limits)}` };
}

async function bench(options: Options): Promise<void> {
  const load = loadavg()[0];
  const place = await (options.dawn ? inNode() : inPage());
  try {
    const { description, software, host } = place;
    log(`${description}, ${host}`);
    const peaks = await place.peaks();
    const rows: Row[] = peakRows(peaks, description);
    if (options.kernels) {
      const { only, rounds } = options;
      const measured = await place.kernels({ rounds, ...(only === undefined ? {} : { only }) });
      rows.push(...measured.map((row) => withLimits(row, peaks)));
    } else {
      for (const task of tasksOf(options, software)) rows.push(...(await place.race(task, options.rounds)));
    }
    const machine = {
      ...{ gpu: description, software, host, cpu: cpus()[0].model, cores: availableParallelism() },
      // How many processes wanted the processor before: a software adapter shares it with them.
      ...{ load: Number(load.toFixed(2)), date: new Date().toISOString().slice(0, 10) },
    };
    const result = `${JSON.stringify({ machine, rows }, null, 2)}\n`;
    mkdirSync('bench/results', { recursive: true });
    const name = ['gpu', options.kernels && 'kernels', options.dawn && 'dawn', machine.date];
    writeFileSync(`bench/results/${name.filter((part) => part).join('-')}.json`, result);
    process.stdout.write(options.json ? result : `${machineText(machine)}\n${rowsText(rows)}\n`);
  } finally {
    await place.close();
  }
}

export default async function run(args: string[]): Promise<void> {
  try {
    await bench(readOptions(args));
  } catch (error) {
    log(`error: ${error instanceof TributaryError ? error.message : String(error)}`);
    process.exit(1);
  }
}
