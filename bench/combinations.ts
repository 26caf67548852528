/**
 * Every path × γ × head × solver × ε(t) on the exact field of a mixture, no network: how far points end from the
 * truth, beside what as many true points score. `npm run bench:combinations -- [--data NAME] [--quick] [--only TEXT]`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, platform } from 'node:os';
import { parseArgs } from 'node:util';
import type { GaussianMixture } from '../src/data/mixture.js';
import { distributionByName } from '../src/data/registry.js';
import { exactW2 } from '../src/metrics/w2.js';
import { spreadOf } from '../src/study/results.js';
import { type Combination, combinationsOf, interpolantsOf } from './combinations/cases.js';
import { AGAIN, type Attempt, attemptsOf, end, Judge } from './combinations/judge.js';
import { combinationsReport, type ExactRow, type Row } from './combinations/report.js';

/** Pairs of true draws that the exact W2's floor is measured on. */
const EXACT_FLOOR = 12;

function mixtureOf(name: string): GaussianMixture {
  const { mixture } = distributionByName(name);
  if (!mixture) throw new Error(`${name} is no mixture: the exact field is not known`);
  return mixture;
}

/** The exact W2 of a row's first draw to fresh true points, which costs more than the row. */
async function exactRows(chosen: readonly { combination: Combination; seed: number }[], judge: Judge) {
  const { mixture, n } = judge;
  const truth = (k: number) => mixture.sample(n, 71 + k).points;
  const floor = Array.from({ length: EXACT_FLOOR }, (_, k) => exactW2(truth(2 * k), truth(2 * k + 1), 2));
  const { mean, std } = spreadOf(floor);
  const rows: ExactRow[] = [];
  for (const [k, { combination, seed }] of chosen.entries()) {
    const { points } = await end(combination, mixture, n, 1, seed);
    rows.push({ combination, w2: exactW2(points, truth(2 * EXACT_FLOOR + k), 2) });
    process.stderr.write(`\rexact W2: ${k + 1} of ${chosen.length}   `);
  }
  return { mean, std, draws: EXACT_FLOOR, rows };
}

export default async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      data: { type: 'string', default: '8gaussians' },
      /** Where x0 comes from in the rows between two data sets. */
      from: { type: 'string' },
      quick: { type: 'boolean', default: false },
      /** Rows whose name has this text in it. */
      only: { type: 'string', default: '' },
      /** Rows that are judged by the exact W2 too, spread over the table. */
      exact: { type: 'string', default: '24' },
    },
  });
  const mixture = mixtureOf(values.data);
  const origin = values.from ?? (values.data === '8gaussians' ? 'grid' : '8gaussians');
  const judge = new Judge(mixture, values.quick ? 2000 : 10_000);
  const combinations = interpolantsOf(mixture, mixtureOf(origin))
    .filter(({ name }) => name.includes(values.only))
    .flatMap((interpolant) => combinationsOf(interpolant, values.quick));
  const rows: Row[] = [];
  for (const [k, combination] of combinations.entries()) {
    // Starts and noise of its own for every row: one unlucky draw must not speak for all.
    const seed = 1000 + k * (AGAIN + 1);
    const attempts: Attempt[] = await attemptsOf(combination, judge, seed);
    rows.push({ combination, seed, attempts });
    const above = rows.filter((row) => !row.attempts.at(-1)!.within).length;
    process.stderr.write(`\r${k + 1} of ${combinations.length} rows, ${above} above the floor   `);
  }
  const every = Math.max(1, Math.ceil(rows.length / Number(values.exact)));
  const exact = await exactRows(
    rows.filter((_, k) => k % every === 0),
    judge,
  );
  process.stderr.write('\n');
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus()[0].model}, ${availableParallelism()} cores, ${platform()}, Node ${process.version}`;
  const { markdown, json, summary } = combinationsReport({
    ...{ data: values.data, from: origin, judge, rows, exact, machine, date },
  });
  mkdirSync('bench/results', { recursive: true });
  const stem = `bench/results/combinations-${values.data}${values.quick ? '-quick' : ''}${values.only && '-part'}`;
  writeFileSync(`${stem}.md`, markdown);
  writeFileSync(`${stem}.json`, `${JSON.stringify(json, null, 1)}\n`);
  process.stdout.write(`${summary}\nwritten to ${stem}.md\n`);
}
