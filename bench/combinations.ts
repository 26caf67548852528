/**
 * Every path × γ × head × solver × ε(t) on the exact field of a mixture, no network: how far 10 000 points end from
 * the truth, beside what 10 000 true points score. `npm run bench:combinations`; `--quick` takes fewer of each.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, platform } from 'node:os';
import { parseArgs } from 'node:util';
import { distributionByName } from '../src/data/registry.js';
import {
  checkInterpolant,
  DEFAULT_INTERPOLANT,
  type InterpolantConfig,
  scheduleOf,
} from '../src/interpolant/config.js';
import { gammaNames } from '../src/interpolant/gammas.js';
import { gaussianBaseOracle } from '../src/interpolant/oracle.js';
import { slicedW2 } from '../src/metrics/slicedW2.js';
import { truthOf } from '../src/metrics/truth.js';
import { exactW2 } from '../src/metrics/w2.js';
import { CounterRandom, STREAM } from '../src/random/random.js';
import { integrateAdaptive } from '../src/samplers/adaptive.js';
import { diffusionNames } from '../src/samplers/diffusion.js';
import { integrate } from '../src/samplers/integrate.js';
import { oracleField } from '../src/samplers/oracle_field.js';
import { type SamplingOptions, samplingField, samplingTable } from '../src/samplers/plan.js';
import { solverByName, solverNames } from '../src/samplers/solvers.js';

const { values } = parseArgs({
  // Behind the runner and this file's own name.
  args: process.argv.slice(3),
  options: {
    data: { type: 'string', default: '8gaussians' },
    quick: { type: 'boolean', default: false },
    /** Every so many rows also the exact W2. */
    exact: { type: 'string', default: '12' },
  },
});
const N = values.quick ? 2000 : 10_000;
/** Enough that the scatter of the floor is itself known to a tenth. */
const FLOOR_DRAWS = 50;
/** Standard errors of the floor that a perfect sampler stays within. */
const WITHIN = 2;
/** Steps by order: a solver's own error is then below the floor. A row that is not is run once more with four times as many. */
const STEPS: Readonly<Record<number, number>> = values.quick
  ? { 1: 150, 2: 60, 4: 30 }
  : { 1: 250, 2: 80, 4: 40 };

const distribution = distributionByName(values.data);
const mixture = distribution.mixture;
if (!mixture) throw new Error(`${values.data} is no mixture: the exact field is not known`);
const spread = 3.7;

const ONE_SIDED: Partial<InterpolantConfig>[] = [
  ...(['velocity', 'data', 'denoiser', 'score', 'edm'] as const).map((head) => ({
    heads: [head],
    sigmaData: spread,
  })),
  { path: 'trig' },
  { path: 'vp' },
  { path: 'vp-sde' },
  { path: 'vp-sde', heads: ['edm'], sigmaData: spread },
  { path: 'sub-vp-sde', heads: ['edm'], sigmaData: spread },
  { path: 've', heads: ['edm'], sigmaData: spread, sigmaMax: 50 },
  { path: 'edm', heads: ['edm'], sigmaData: spread, sigmaMin: 0.01, sigmaMax: 100 },
];
const TWO_SIDED: Partial<InterpolantConfig>[] = ['linear', 'trig', 'encoding-decoding', 'vp'].flatMap(
  (path) =>
    gammaNames
      .filter((gamma) => gamma !== 'none')
      .map((gamma) => ({ path, gamma, heads: ['velocity', 'denoiser'] as const })),
);

interface Row {
  readonly config: string;
  readonly solver: string;
  readonly diffusion: string;
  readonly steps: number;
  readonly slicedW2: number;
  readonly w2: number | null;
  readonly ok: boolean;
}

const truth = truthOf(distribution, N, 1, FLOOR_DRAWS, 4 * N);
const floorOf = slicedW2({ points: truth.floors[0].points }, truth);
const { floor, floorStd } = floorOf;
const bound = floor + WITHIN * floorStd;
const [first, second] = [distribution.sample(N, 71).points, distribution.sample(N, 72).points];
const w2Floor = exactW2(first, second, 2);

let drawn = 0;

async function end(
  config: InterpolantConfig,
  options: SamplingOptions & { solver: string },
): Promise<Float64Array> {
  const field = samplingField(config);
  const host = oracleField(config, gaussianBaseOracle(scheduleOf(config), mixture!));
  // Every row has starts and noise of its own: one unlucky draw must not speak for all.
  const seed = 100 + drawn++;
  const random = new CounterRandom(seed, STREAM.start);
  const start = Float64Array.from({ length: 2 * N }, (_, i) => field.baseScale * random.normal(i));
  if (options.solver === 'dopri5') {
    const tolerance = { absolute: 1e-4, relative: 1e-4 };
    return (await integrateAdaptive(field, host, start, { tolerance })).points;
  }
  return integrate(samplingTable(config, options), host, start, { seed });
}

const rows: Row[] = [];
async function judge(
  config: InterpolantConfig,
  solver: string,
  diffusion: (typeof diffusionNames)[number] | null,
) {
  const adaptive = solver === 'dopri5';
  const order = adaptive ? 4 : solverByName(solver).order;
  const name = `${config.path}, ${config.gamma === 'none' ? '' : `γ ${config.gamma}, `}${config.heads.join(' + ')}`;
  const grid = config.path === 'edm' ? 'karras' : config.path === 've' ? 'logsnr' : 'uniform';
  for (const more of [1, 4]) {
    const steps = STEPS[order] * more;
    const own = diffusion ? { diffusion: { name: diffusion, scale: 1 } } : {};
    const points = await end(config, { solver, steps, grid, ...own });
    const value = slicedW2({ points }, truth).value;
    const exact = rows.length % Number(values.exact) === 0 ? exactW2(points, second, 2) : null;
    const ok = value <= bound;
    // Another draw too: one unlucky one says nothing yet.
    if (!ok && more === 1) continue;
    rows.push({ config: name, solver, diffusion: diffusion ?? '', steps, slicedW2: value, w2: exact, ok });
    process.stderr.write(`\r${rows.length} rows, ${rows.filter((row) => !row.ok).length} above the bound`);
    return;
  }
}

async function judgeAll(): Promise<void> {
  for (const change of [...ONE_SIDED, ...TWO_SIDED]) {
    const config = { ...DEFAULT_INTERPOLANT, ...change } as InterpolantConfig;
    checkInterpolant(config);
    const twoSided = config.gamma !== 'none';
    for (const solver of solverNames) {
      if (solver === 'dopri5') {
        await judge(config, solver, null);
        continue;
      }
      const { stochastic, oneSided } = solverByName(solver);
      if (oneSided && twoSided) continue;
      const free = stochastic && !oneSided && solver !== 'langevin';
      const names = free ? diffusionNames.filter((name) => !(name === 'lambda' && twoSided)) : [null];
      for (const diffusion of values.quick ? names.slice(0, 2) : names)
        await judge(config, solver, diffusion);
    }
  }
  process.stderr.write('\n');
}

export default async function run(): Promise<void> {
  await judgeAll();
  const failed = rows.filter((row) => !row.ok);
  const line = (row: Row) =>
    `| ${row.config} | ${row.solver} | ${row.diffusion} | ${row.steps || '–'} | ${row.slicedW2.toFixed(4)} | ${row.w2 === null ? '' : row.w2.toFixed(3)} | ${row.ok ? 'yes' : 'no'} |`;
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus()[0].model}, ${availableParallelism()} cores, ${platform()}, Node ${process.version}`;
  const text = `# Every combination on the exact field of ${values.data}

${N} points from the base through the oracle's field, no network; sliced W2 to the truth. True points score ${floor.toFixed(4)} ± ${floorStd.toFixed(4)}
(${FLOOR_DRAWS} draws); a row is within when it is at most two of these standard deviations above: ${bound.toFixed(4)}. W2 is exact, for every
${values.exact}th row; two draws of the truth are ${w2Floor.toFixed(3)} apart. Rows that were above at first are shown with other draws and four times the
steps.

${rows.length} rows, ${rows.length - failed.length} within, ${failed.length} above.

| interpolant | solver | ε(t) | steps | sliced W2 | W2 | within |
|---|---|---|---|---|---|---|
${rows.map(line).join('\n')}

${machine}, ${date}
`;
  mkdirSync('bench/results', { recursive: true });
  const stem = `bench/results/combinations-${values.data}${values.quick ? '-quick' : ''}`;
  writeFileSync(`${stem}.md`, text);
  writeFileSync(
    `${stem}.json`,
    `${JSON.stringify({ machine, date, n: N, floor, floorStd, bound, w2Floor, rows }, null, 1)}\n`,
  );
  process.stdout.write(
    `${rows.length} rows, ${failed.length} above ${bound.toFixed(4)}; written to ${stem}.md\n`,
  );
  for (const row of failed) process.stdout.write(`${line(row)}\n`);
}
