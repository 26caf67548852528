/** The table of families with latents beside models without a network, and which bars the best of them passes. */
import { RUN } from './runs.js';

/** What a model scores: numbers by column, null where there is none. */
export type Scores = Readonly<Record<string, number | null>>;

interface Row {
  readonly name: string;
  /** By seed. */
  readonly seeds: readonly Scores[];
}

const COLUMNS = [
  ['frechet', 'FID', 4],
  ['off', 'off %', 1],
  ['coverage', 'modes %', 1],
  ['logPTrue', 'E ln p_true', 2],
  ['slicedW2', 'sliced W2', 3],
  ['copies', 'copies %', 1],
  ['nll', 'NLL', 3],
  ['known', 'NLL of training points', 3],
] as const;

/** A mean over seeds; null where there is none. */
function average({ seeds }: Row, column: string): number | null {
  const values = seeds.map((scores) => scores[column] ?? null);
  if (values.some((value) => value === null)) return null;
  return (values as number[]).reduce((sum, value) => sum + value, 0) / values.length;
}

function cell(row: Row, column: string, digits: number): string {
  const value = average(row, column);
  if (value === null) return '–';
  const values = row.seeds.map((scores) => scores[column] as number);
  const half = (Math.max(...values) - Math.min(...values)) / 2;
  return `${value.toFixed(digits)} ± ${half.toFixed(digits)}`;
}

/** @param of how much was drawn and judged */
export function latentReport(
  rows: readonly Row[],
  of: {
    readonly rows: number;
    readonly samples: number;
    readonly boundPoints: number;
    readonly k: number;
    readonly seeds: number;
  },
): string {
  const find = (name: string) => rows.find((row) => row.name === name) as Row;
  const [gaussian, kde, gmm] = ['gaussian', 'kde', 'gmm'].map(find);
  const latent = rows.filter((row) => average(row, 'known') !== null && !row.name.startsWith('untrained'));
  const value = (row: Row, column: string) => average(row, column) as number;
  const [best] = [...latent].sort((a, b) => value(a, 'nll') - value(b, 'nll'));
  const [cleanest] = [...latent].sort((a, b) => value(a, 'off') - value(b, 'off'));
  const verdict = (what: string, row: Row, column: string, against: Row, digits: number) => {
    const [own, other] = [value(row, column), value(against, column)];
    const word = own < other ? 'better' : 'NOT better';
    return `* ${what}: \`${row.name}\` ${own.toFixed(digits)}, ${word} than \`${against.name}\` ${other.toFixed(digits)}`;
  };
  const { network, optimizer, steps, batch } = RUN;
  return [
    '# Families with latents on `corridor`',
    '',
    `\`npm run bench:latent\`: ${of.rows} training points, ${of.seeds} seeds, means ± half the range. Metrics of ${of.samples} samples, drawn with the decoder’s noise. NLL is −E ln p of points that no model has seen; of a family with latents it is the bound of k = ${of.k} latents on ${of.boundPoints} of them, so that the model’s own is lower. Networks are ${network.hidden} wide, ${network.inner} inside a block; a stage has ${steps} steps of ${batch} points, learning rate ${optimizer.learningRate}; all else is as usual.`,
    '',
    `| model | ${COLUMNS.map(([, head]) => head).join(' | ')} |`,
    `| --- |${' --- |'.repeat(COLUMNS.length)}`,
    ...rows.map(
      (row) =>
        `| ${row.name}${row.seeds.length < of.seeds ? ` (${row.seeds.length} of the seeds)` : ''} | ${COLUMNS.map(([key, , digits]) => cell(row, key, digits)).join(' | ')} |`,
    ),
    '',
    'The best of the families with latents, by each number:',
    '',
    verdict('bound', best, 'nll', gaussian, 3),
    verdict('off the support, %', cleanest, 'off', kde, 1),
    verdict('and of the one with the best bound', best, 'off', kde, 1),
    verdict('its sliced W2', best, 'slicedW2', gaussian, 3),
    `* its bound is ${(value(best, 'nll') - value(gmm, 'nll')).toFixed(3)} nats from \`gmm\`’s NLL, its share off the support ${(value(best, 'off') - value(gmm, 'off')).toFixed(1)} points from it`,
    '',
  ].join('\n');
}
