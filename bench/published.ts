/**
 * The published rows of N → 8gaussians, moons and s-curve, at their own setting: ours, theirs, and the floor, which is
 * the W2 of two independent draws of the target. `npm run bench:published -- --help` lists the options. Every finished
 * run is kept in bench/results/, and a run that is there already is not repeated.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform } from 'node:os';
import { parseArgs } from 'node:util';
import { badInput } from '../src/errors.js';
import { unknownName } from '../src/suggest.js';
import { type Job, jobName, type Outcome } from './published/job.js';
import { type Record_, tables } from './published/report.js';
import { METHODS, type Method, TARGETS, type Target } from './published/table.js';
import { EULER_STEPS, POINTS } from './published/train.js';

const HELP = `npm run bench:published -- [options]
  --method <names>  of ${METHODS.join(', ')}, separated by commas (default ot-cfm,i-cfm,rf)
  --only <names>    of ${TARGETS.join(', ')} (default all)
  --seeds <n>       runs of each (default 5, as published)
  --epochs <n>      of 10 000 points (default 1000, as published)
  --jobs <n>        runs at a time, a process each (default 1)
  --json            print the result as JSON
`;

function chosen<T extends string>(kind: string, given: string, known: readonly T[]): T[] {
  return given.split(',').map((name) => known.find((one) => one === name) ?? unknownName(kind, name, known));
}

function count(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    badInput(`--${name} is ${text}; it must be a whole number from 1 on`);
  return value;
}

/** Runs a job in a process of its own. */
function run(job: Job): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const args = ['bench/run.mjs', 'bench/published/job.ts', JSON.stringify(job)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (data) => {
      text += data;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(text));
      else reject(new Error(`${jobName(job)} ended with ${code}`));
    });
  });
}

async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      method: { type: 'string', default: 'ot-cfm,i-cfm,rf' },
      only: { type: 'string', default: TARGETS.join(',') },
      seeds: { type: 'string', default: '5' },
      epochs: { type: 'string', default: '1000' },
      jobs: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const methods = chosen<Method>('method', values.method, METHODS);
  const targets = chosen<Target>('target', values.only, TARGETS);
  const [seeds, epochs, jobs] = (['seeds', 'epochs', 'jobs'] as const).map((name) =>
    count(name, values[name]),
  );

  mkdirSync('bench/results', { recursive: true });
  const stem = `bench/results/published-rows${epochs === 1000 ? '' : `-${epochs}-epochs`}`;
  const record: Record_ = existsSync(`${stem}.json`)
    ? JSON.parse(readFileSync(`${stem}.json`, 'utf8'))
    : { setting: { epochs, points: POINTS, euler_steps: EULER_STEPS }, machine: '', date: '', runs: {} };
  // Seed by seed, so that a run that is cut short has something of everything.
  const queue: Job[] = [];
  for (let seed = 1; seed <= seeds; seed++) {
    for (const target of targets) {
      for (const method of ['floor', ...methods] as const) queue.push({ method, target, seed, epochs });
    }
  }
  const wanted = queue.slice();
  const keep = () => {
    const model = cpus()[0]?.model ?? arch();
    record.machine = `${model}, ${cpus().length} cores, ${platform()}, Node ${process.versions.node}`;
    record.date = new Date().toISOString().slice(0, 10);
    writeFileSync(`${stem}.json`, `${JSON.stringify(record, null, 2)}\n`);
    writeFileSync(`${stem}.md`, tables(record));
  };
  const worker = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const name = jobName(job);
      if (record.runs[name] !== undefined) continue;
      record.runs[name] = await run(job);
      const { w2, seconds } = record.runs[name];
      process.stderr.write(`${name}: W2 ${w2.toFixed(3)}, ${seconds.toFixed(0)} s\n`);
      keep();
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  const names = new Set(wanted.map(jobName));
  const shown = {
    ...record,
    runs: Object.fromEntries(Object.entries(record.runs).filter(([k]) => names.has(k))),
  };
  process.stdout.write(values.json ? `${JSON.stringify(shown, null, 2)}\n` : tables(shown));
}

export default async function main(args: string[]): Promise<void> {
  try {
    await bench(args);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}
