/**
 * The CPU path against its peers, in one run on one machine: every system in a process of its own on the same
 * network, batch and start; repetitions alternate; medians; ratio = the peer's time / Tributary's with all
 * threads. Losses must agree. `--json` prints the machine-readable result, which is also kept in bench/results/.
 * `--against DIR` takes Tributary as built in another checkout (`out/bench/` there) along, as `other`;
 * `--peers pytorch,tfjs,jax-js` says which peers, `none` for no peer.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadTimes, toldCaches } from './cpu/caches.js';
import { flopsPerRow, PROBLEMS, type Problem, writeProblem } from './cpu/problem.js';
import { hasTorch, PYTHON, Remote } from './cpu/process.js';

/** About how long a timed repetition takes: many steps of a fast system, one of a slow one. */
const REPETITION_MS = 400;

/** A system whose losses differ by more takes other steps: its time is no comparison. */
const AGREEMENT = 1e-3;

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '9' },
    only: { type: 'string' },
    against: { type: 'string' },
    peers: { type: 'string', default: 'pytorch,tfjs,jax-js' },
  },
});
const rounds = Number(options.rounds);
const log = (text: string) => process.stderr.write(`${text}\n`);
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

interface Row {
  work: string;
  system: string;
  version: string;
  median_ms: number;
  gflops: number;
  /** Of the peak of as many cores as the system has threads, where that is known. */
  of_peak?: number;
  ratio: number;
}

interface Timed {
  readonly system: string;
  readonly remote: Remote;
  readonly request: object;
  /** How many steps the request takes. */
  readonly steps: number;
  readonly times: number[];
}

const child = fileURLToPath(new URL('./child.js', import.meta.url));
const python = join('bench', 'cpu', 'torch_child.py');
const peers = options.peers.split(',');
const threads = availableParallelism();
/** One thread, and all of them where there are more. */
const counts = [...new Set([1, threads])];
const labelOf = (count: number) => (count === 1 ? '1 thread' : `${count} threads`);

async function start(dir: string): Promise<Remote[]> {
  const remotes: Remote[] = [];
  const own = async (name: string, file: string, cwd?: string) => {
    for (const count of counts) {
      const args = [file, 'tributary', dir, `${count}`];
      remotes.push(await Remote.start(`${name}, ${labelOf(count)}`, process.execPath, args, cwd));
    }
  };
  await own('tributary', child);
  if (options.against !== undefined) {
    const folder = resolve(options.against);
    await own('other', join(folder, 'out', 'bench', 'child.js'), folder);
  }
  if (!peers.includes('pytorch')) {
    log('without pytorch, as asked for');
  } else if (hasTorch()) {
    for (const count of counts) {
      remotes.push(await Remote.start(`pytorch, ${labelOf(count)}`, PYTHON, [python, dir, `${count}`]));
    }
  } else {
    log(`no PyTorch: ${PYTHON} -c "import torch" failed (choose another with PYTHON=…)`);
  }
  for (const name of ['tfjs', 'jax-js'].filter((name) => peers.includes(name))) {
    try {
      remotes.push(await Remote.start(name, process.execPath, [child, name, dir, '1']));
    } catch (error) {
      log(`without ${name}: ${(error as Error).message}`);
    }
  }
  return remotes;
}

/**
 * Takes the same few steps everywhere: compiles what is to be compiled, and compares the losses. Returns the
 * systems that agree with the first, each with its time a step; the others are named and left out.
 */
async function agree(remotes: readonly Remote[], steps: number): Promise<{ remote: Remote; ms: number }[]> {
  let expected = Number.NaN;
  const agreeing: { remote: Remote; ms: number }[] = [];
  for (const remote of remotes) {
    await remote.ask({ op: 'train', steps: 1 });
    const { ms = 0 } = await remote.ask({ op: 'train', steps: steps - 1 });
    const { loss = Number.NaN } = await remote.ask({ op: 'loss' });
    if (Number.isNaN(expected)) expected = loss;
    log(
      `${remote.name}: loss of step ${steps} is ${loss.toPrecision(7)}, ${(ms / (steps - 1)).toFixed(1)} ms a step`,
    );
    const difference = Math.abs(loss / expected - 1);
    if (difference < AGREEMENT) agreeing.push({ remote, ms: ms / (steps - 1) });
    else log(`${remote.name} is left out: its loss differs by ${(100 * difference).toFixed(2)} %`);
  }
  return agreeing;
}

async function measure(work: string, timed: readonly Timed[], flops: number): Promise<Row[]> {
  for (let round = 0; round < rounds; round++) {
    for (const { remote, request, steps, times } of timed) {
      // A system that is twenty times slower needs no more repetitions to be told so.
      if (times.length >= 3 && median(times) > 20 * median(timed[0].times)) continue;
      const { ms = Number.NaN } = await remote.ask(request);
      times.push(ms / steps);
    }
    log(`${work}: round ${round + 1} of ${rounds}`);
  }
  const own = median(timed[counts.length - 1].times);
  return timed.map(({ system, remote, times }) => {
    const ms = median(times);
    const { version } = remote;
    const gflops = flops / ms / 1e6;
    const cores = counts.find((count) => remote.name.endsWith(`, ${labelOf(count)}`));
    const peak = cores === undefined ? undefined : peakOf.get(cores);
    // Peers have wider instructions than WebAssembly: its peak is no bound of theirs.
    const ours = /^(tributary|other)/.test(system) && peak !== undefined;
    return {
      work,
      system,
      version,
      median_ms: ms,
      gflops,
      ...(ours ? { of_peak: gflops / peak } : {}),
      ratio: ms / own,
    };
  });
}

/** GFLOP/s of multiply-adds by cores. */
const peakOf = new Map<number, number>();

/** The sum over cores that run at the same time, as Tributary's threads do. */
async function peaks(): Promise<Row[]> {
  const remotes = await Promise.all(
    Array.from({ length: threads }, () => Remote.start('peak', process.execPath, [child, 'peak'])),
  );
  const results: number[][] = counts.map(() => []);
  for (let round = 0; round < 5; round++) {
    for (const [k, count] of counts.entries()) {
      const answers = await Promise.all(remotes.slice(0, count).map((remote) => remote.ask({})));
      results[k].push(answers.reduce((sum, { gflops = 0 }) => sum + gflops, 0));
    }
  }
  for (const remote of remotes) remote.stop();
  for (const [k, count] of counts.entries()) peakOf.set(count, Math.max(...results[k]));
  return counts.map((count, k) => ({
    work: 'peak of multiply-adds',
    system: `WebAssembly SIMD, ${count === 1 ? '1 core' : `${count} cores`}`,
    version: remotes[0].version,
    median_ms: 0,
    gflops: Math.max(...results[k]),
    ratio: 0,
  }));
}

async function bench(name: keyof typeof PROBLEMS): Promise<Row[]> {
  const dir = mkdtempSync(join(tmpdir(), 'tributary-bench-'));
  const problem: Problem = writeProblem(dir, name);
  const { batch, dim, hidden, particles } = problem;
  const remotes = await start(dir);
  try {
    const agreeing = await agree(remotes, name === 'standard' ? 10 : 3);
    const training = agreeing.map(({ remote, ms }): Timed => {
      const steps = Math.max(1, Math.round(REPETITION_MS / ms));
      return { system: remote.name, remote, request: { op: 'train', steps }, steps, times: [] };
    });
    // The first layer has no gradient to its input.
    const flops = batch * (3 * flopsPerRow(problem) - 2 * (dim + 1) * hidden);
    const rows = await measure(
      `training step, d = ${dim}, hidden ${hidden}, batch ${batch}`,
      training,
      flops,
    );
    if (particles === 0) return rows;
    const sampling = agreeing.flatMap(({ remote }): Timed[] => {
      const one = { remote, steps: 1 };
      const whole = { ...one, system: remote.name, request: { op: 'sample', rows: 0 }, times: [] };
      if (!remote.name.startsWith('pytorch')) return [whole];
      const parts = { ...one, system: `${remote.name}, 4000 at a time`, times: [] };
      return [whole, { ...parts, request: { op: 'sample', rows: 4000 } }];
    });
    for (const { remote, request } of sampling) await remote.ask(request);
    const work = `Euler step of ${particles} particles, hidden ${hidden}`;
    return [...rows, ...(await measure(work, sampling, particles * flopsPerRow(problem)))];
  } finally {
    for (const remote of remotes) remote.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

const names = (Object.keys(PROBLEMS) as (keyof typeof PROBLEMS)[]).filter(
  (name) => options.only === undefined || name === options.only,
);
const rows = await peaks();
for (const name of names) rows.push(...(await bench(name)));
const machine = {
  cpu: cpus()[0].model,
  cores: threads,
  platform: `${platform()} ${arch()}`,
  node: process.version,
  date: new Date().toISOString().slice(0, 10),
  caches: toldCaches(),
  ns_per_load_by_KiB: loadTimes(),
};
const result = `${JSON.stringify({ machine, rows }, null, 2)}\n`;
mkdirSync('bench/results', { recursive: true });
writeFileSync(`bench/results/cpu-${machine.date}.json`, result);
if (options.json) {
  process.stdout.write(result);
} else {
  process.stdout.write(`${machine.cpu}, ${threads} cores, ${machine.platform}, Node ${machine.node}\n`);
  const caches = machine.caches.length > 0 ? machine.caches.join(', ') : 'not told by the system';
  const loads = Object.entries(machine.ns_per_load_by_KiB).map(([size, ns]) => `${size} KiB ${ns} ns`);
  process.stdout.write(`caches: ${caches}; a load in ${loads.join(', ')}\n`);
  let work = '';
  for (const row of rows) {
    if (row.work !== work) process.stdout.write(`\n${row.work}\n`);
    work = row.work;
    const time = row.median_ms > 0 ? `${row.median_ms.toFixed(1)} ms` : '';
    const share = row.of_peak === undefined ? '' : `${(100 * row.of_peak).toFixed(0)} % of peak`;
    const ratio = row.ratio > 0 ? `${row.ratio.toFixed(2)}×` : '';
    process.stdout.write(
      `  ${row.system.padEnd(36)}${time.padStart(12)}${row.gflops.toFixed(1).padStart(9)} GFLOP/s${ratio.padStart(9)}${share.padStart(15)}\n`,
    );
  }
}
