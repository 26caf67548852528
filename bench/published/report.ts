/** The runs as a table: ours, theirs, the floor. */
import type { Outcome } from './job.js';
import { METHODS, PUBLISHED, TARGETS, type Target } from './table.js';

export interface Record_ {
  readonly setting: { readonly epochs: number; readonly points: number; readonly euler_steps: number };
  machine: string;
  date: string;
  /** By method, target and seed. */
  readonly runs: Record<string, Outcome>;
}

const NAMES = { 'ot-cfm': 'OT-CFM', 'i-cfm': 'I-CFM', sf2m: '[SF]²M-Exact', rf: 'RF', fm: 'FM' } as const;

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Standard deviation of a sample; 0 of one value. */
function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, x) => sum + (x - centre) ** 2, 0) / Math.max(1, values.length - 1));
}

const plusMinus = (values: readonly number[]) =>
  `${mean(values).toFixed(3)} ± ${deviation(values).toFixed(3)}`;

function row(record: Record_, method: (typeof METHODS)[number], target: Target): string | null {
  const runs = (name: string) =>
    Object.entries(record.runs).flatMap(([key, outcome]) =>
      key.startsWith(`${name} ${target} `) ? [outcome] : [],
    );
  const own = runs(method);
  const floor = runs('floor');
  if (own.length === 0) return null;
  const published = PUBLISHED[method][target];
  const [centre, std] = published.w2;
  const distance = (mean(own.map(({ w2 }) => w2)) - centre) / std;
  // The path energy is the squared W2 of base and target for the optimal flow, and more for any other.
  const least = mean(floor.map(({ energy }) => energy));
  const excess = own.map(({ energy }) => Math.abs(energy - least) / least);
  const cells = [
    NAMES[method],
    `N → ${target}`,
    plusMinus(own.map(({ w2 }) => w2)),
    `${centre.toFixed(3)} ± ${std.toFixed(3)}`,
    floor.length > 0 ? plusMinus(floor.map(({ w2 }) => w2)) : '–',
    `${distance >= 0 ? '+' : '−'}${Math.abs(distance).toFixed(1)}`,
    floor.length > 0 ? plusMinus(excess) : '–',
    published.npe === undefined ? '–' : published.npe.toFixed(3),
    String(own.length),
    mean(own.map(({ seconds }) => seconds)).toFixed(0),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Markdown. */
export function tables(record: Record_): string {
  const rows = TARGETS.flatMap((target) => METHODS.map((method) => row(record, method, target))).filter(
    (line) => line !== null,
  );
  const { epochs, points, euler_steps } = record.setting;
  return `# Published rows, reproduced

W2 (not squared) of ${points} samples to ${points} points of the target, and the normalised path energy
NPE = |E∫|v|²dt − W2²(base, target)|/W2²(base, target). 3×64 SELU network, AdamW at 1e-3 with weight decay 1e-5, batch 512,
${epochs} epochs of ${points} points, ${euler_steps} Euler steps, σ = 0.1; RF reflows once, after half of the epochs.
Theirs: arXiv 2307.03672, table 2. The floor is the W2 of two independent draws of the target. "Distance" is ours − theirs
in their standard deviations.

| method | task | W2 ours | W2 theirs | floor | distance | NPE ours | NPE theirs | seeds | seconds a run |
|---|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}

${record.machine}, ${record.date}
`;
}
