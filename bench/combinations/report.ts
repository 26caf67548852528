/** The table of combinations as a page of text and as data. */
import type { Combination } from './cases.js';
import { AGAIN, type Attempt, FLOOR_DRAWS, type Judge, STEPS, TOLERANCE, WITHIN } from './judge.js';

export interface Row {
  readonly combination: Combination;
  /** Of the first draw; the others follow. */
  readonly seed: number;
  readonly attempts: readonly Attempt[];
}

export interface ExactRow {
  readonly combination: Combination;
  readonly w2: number;
}

interface Input {
  readonly data: string;
  readonly from: string;
  readonly judge: Judge;
  readonly rows: readonly Row[];
  readonly exact: { mean: number; std: number; draws: number; rows: readonly ExactRow[] };
  readonly machine: string;
  readonly date: string;
}

const solverName = ({ options: { solver, diffusion, lastStep } }: Combination): string =>
  [solver, diffusion ? `ε ${diffusion.name}` : '', lastStep ? `last ${lastStep}` : '']
    .filter(Boolean)
    .join(', ');

/** The interpolants down, the solvers across would be too wide: one line an interpolant and solver with all its ε(t). */
function firstDraws(rows: readonly Row[]): string {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `| ${row.combination.interpolant.name} | ${row.combination.options.solver}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const cell = ({ combination: { options }, attempts: [first, ...more] }: Row) => {
    const what = [options.diffusion?.name, options.lastStep && `last ${options.lastStep}`]
      .filter(Boolean)
      .join(' ');
    return `${what ? `${what} ` : ''}${first.mean.toFixed(4)}${more.length > 0 ? '*' : ''}`;
  };
  return [...groups]
    .map(([key, group]) => `${key} | ${group[0].attempts[0].steps} | ${group.map(cell).join(', ')} |`)
    .join('\n');
}

function attemptLines({ combination, attempts }: Row): string {
  const name = `${combination.interpolant.name} | ${solverName(combination)}`;
  return attempts
    .map(
      ({ steps, values, mean, bound, within }) =>
        `| ${name} | ${steps} | ${values.length} | ${mean.toFixed(4)} | ${bound.toFixed(4)} | ${within ? 'within' : 'above'} |`,
    )
    .join('\n');
}

export function combinationsReport({ data, from, judge, rows, exact, machine, date }: Input): {
  markdown: string;
  json: object;
  summary: string;
} {
  const { floor, n } = judge;
  const last = (row: Row) => row.attempts[row.attempts.length - 1];
  const again = rows.filter(({ attempts }) => attempts.length > 1);
  const settled = again.filter(({ attempts }) => attempts.length === 2 && attempts[1].within);
  const refined = again.filter((row) => row.attempts.length > 2 && last(row).within);
  const above = rows.filter((row) => !last(row).within);
  const spread = Math.sqrt(rows.length * floor.above * (1 - floor.above));
  const w2Bound = exact.mean + WITHIN * exact.std * Math.sqrt(1 + 1 / exact.draws);
  const w2Above = exact.rows.filter(({ w2 }) => w2 > w2Bound);
  const summary = `${rows.length} combinations on ${data}: ${rows.length - again.length} within at the first draw; of the ${again.length} above it (a perfect sampler: ${(rows.length * floor.above).toFixed(0)} ± ${spread.toFixed(0)}) ${settled.length} are within over ${AGAIN} other draws, ${refined.length} with more steps, and ${above.length} are above`;
  const markdown = `# Every combination on the exact field of ${data}

\`npm run bench:combinations -- --data ${data}\`: ${n} points go through the oracle's field, no network, and are compared with ${4 * n}
true points by sliced W2. ${FLOOR_DRAWS} draws of ${n} true points score ${floor.mean.toFixed(4)} ± ${floor.std.toFixed(4)} (one draw).

**What counts as within**: the mean of m draws is at most ${WITHIN} standard errors, ${WITHIN} · ${floor.std.toFixed(4)} · √(1/m + 1/${FLOOR_DRAWS}), above that floor.
Every combination has one draw of starts and noise of its own: bound ${judge.bound(1).toFixed(4)}. A share ${(100 * floor.above).toFixed(1)} % of the draws of the *truth*
are above it, so of ${rows.length} perfect samplers ${(rows.length * floor.above).toFixed(0)} ± ${spread.toFixed(0)} would be. A combination above it is drawn ${AGAIN} times anew, which decides
without the first: bound ${judge.bound(AGAIN).toFixed(4)}. Where that fails too, the same ${AGAIN} draws are made with twice and four times the steps. All attempts
are below. Steps at first: ${STEPS[1]} for order 1, ${STEPS[2]} for order 2, ${STEPS[4]} for order 4; dopri5 with tolerance ${TOLERANCE}.

**Result**: ${summary}.

**Exact W2** of ${exact.rows.length} rows spread over the table, ${n} points against ${n}: two draws of the truth are ${exact.mean.toFixed(4)} ± ${exact.std.toFixed(4)} apart (${exact.draws}
pairs), bound ${w2Bound.toFixed(4)}; the rows' mean is ${(exact.rows.reduce((sum, { w2 }) => sum + w2, 0) / exact.rows.length).toFixed(4)}, and ${w2Above.length} of them above it.

## Combinations above the floor at the first draw

| interpolant | solver | steps | draws | mean sliced W2 | bound | |
|---|---|---|---|---|---|---|
${again.map(attemptLines).join('\n')}

## First draws

A star marks what was drawn again. Rows between two data sets start from ${from}.

| interpolant | solver | steps | sliced W2 by ε(t) and last step |
|---|---|---|---|
${firstDraws(rows)}

## Exact W2

| interpolant | solver | W2 |
|---|---|---|
${exact.rows.map(({ combination, w2 }) => `| ${combination.interpolant.name} | ${solverName(combination)} | ${w2.toFixed(4)} |`).join('\n')}

${machine}, ${date}
`;
  const json = {
    ...{ machine, date, data, from, n, steps: STEPS, tolerance: TOLERANCE, floorDraws: FLOOR_DRAWS, floor },
    exact: {
      ...{ mean: exact.mean, std: exact.std, draws: exact.draws },
      rows: exact.rows.map(({ combination, w2 }) => ({
        interpolant: combination.interpolant.name,
        solver: solverName(combination),
        w2,
      })),
    },
    rows: rows.map(({ combination, attempts }) => ({
      interpolant: combination.interpolant.name,
      ...combination.options,
      attempts,
    })),
  };
  return { markdown, json, summary };
}
