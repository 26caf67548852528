/** A results file alone says how each number was made: the command that it prints gives the same number. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadPoints } from '../../src/cli/points.js';
import { encodeCsv } from '../../src/formats/csv_write.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { command, json, wordsOf } from '../cli/in_process.js';
import { temporaryFolder } from '../cli/run.js';

const folder = temporaryFolder();
/** A name that a shell would take apart. */
const AWKWARD = folder("a run's $HOME (1)");
const tiny = ['--steps', '12', '--batch', '32', '--hidden', '8', '--seed', '3'];
const few = ['--n', '60', '--seed', '4'];

interface Metrics {
  metrics: Record<string, { value: number }>;
  samples: Record<string, unknown>;
  note?: string;
  remarks?: string[];
  columns?: { name: string; ratio: number }[];
  command: string;
  earlier?: Metrics[];
}

const kept = (run: string): Metrics => JSON.parse(readFileSync(`${run}/metrics.json`, 'utf8'));

beforeAll(async () => {
  const random = new CounterRandom(2, STREAM.test);
  const own = Float64Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 1000 : 0.01) * random.normal(i));
  writeFileSync(folder('own.csv'), encodeCsv(own, 200, 2, undefined, ['width', 'height']));
  // Few points are judged in little time.
  const shape = Float64Array.from({ length: 200 }, (_, i) => 3 + random.normal(i + 1000));
  const labels = Uint32Array.from({ length: 100 }, (_, row) => row % 2);
  const few = folder('few.csv');
  writeFileSync(few, encodeCsv(shape, 100, 2, labels));
  for (const [out, words] of [
    [AWKWARD, ['--data', few, '--conditional']],
    [folder('si'), ['--data', few, '--family', 'stochastic-interpolant']],
    [folder('edm'), ['--data', few, '--family', 'edm-sde']],
    [folder('moons'), ['--data', 'moons', '--conditional']],
    [folder('own'), ['--data', folder('own.csv')]],
  ] as const) {
    const said = await command(['train', ...tiny, ...words, '--out', out]);
    expect(said.code, said.stderr).toBe(0);
  }
});

/** Runs a printed command. */
const again = (line: string) => json<Metrics>(wordsOf(line));

describe('evaluate', () => {
  it.each<[string, () => string, readonly string[]]>([
    ['the family’s own way', () => AWKWARD, []],
    ['guidance and a grid', () => AWKWARD, ['--guidance', '2.5', '--grid', 'chebyshev', '--steps', '7']],
    ['another path', () => folder('edm'), ['--solver', 'rk4', '--path', 've', '--steps', '9']],
    ['churn', () => folder('edm'), ['--churn', '3', '--steps', '9', '--last-step', 'tweedie']],
    ['a tolerance', () => AWKWARD, ['--solver', 'dopri5', '--tolerance', '1e-3']],
    [
      'an SDE',
      () => folder('si'),
      [
        '--solver',
        'euler-maruyama',
        '--steps',
        '9',
        '--diffusion',
        'bump',
        '--epsilon',
        '0.3',
        '--last-step',
        'mean',
      ],
    ],
    ['the optimal ε', () => folder('si'), ['--solver', 'sde-heun', '--steps', '9', '--epsilon', 'optimal']],
    [
      'corrector steps',
      () => folder('si'),
      ['--solver', 'langevin', '--steps', '5', '--corrector-steps', '2'],
    ],
  ])('says it all: %s', async (_, run, words) => {
    const first = await json<Metrics>(['evaluate', run(), ...few, ...words]);
    rmSync(`${run()}/metrics.json`);
    const second = await again(first.command);
    expect(second.metrics).toEqual(first.metrics);
    expect(second.samples).toEqual(first.samples);
    expect(kept(run()).metrics).toEqual(first.metrics);
    for (const key of [
      'n',
      'seed',
      'solver',
      'steps',
      'grid',
      'path',
      'guidance',
      'diffusion',
      'last_step',
      'model',
    ])
      expect(first.samples, key).toHaveProperty(key);
    if (words.includes('optimal')) expect(first.command).toMatch(/--epsilon \d/);
  });

  it('keeps what was found with other settings, and replaces what was found with the same', async () => {
    rmSync(`${AWKWARD}/metrics.json`, { force: true });
    const evaluate = (...words: string[]) =>
      json<Metrics>(['evaluate', AWKWARD, ...few, '--steps', '5', ...words]);
    const plain = await evaluate();
    const guided = await evaluate('--guidance', '2');
    await evaluate('--guidance', '2');
    const file = kept(AWKWARD);
    expect(file.metrics).toEqual(guided.metrics);
    expect(file.earlier?.map(({ metrics }) => metrics)).toEqual([plain.metrics]);
    await evaluate();
    expect(kept(AWKWARD).metrics).toEqual(plain.metrics);
    expect(kept(AWKWARD).earlier?.map(({ metrics }) => metrics)).toEqual([guided.metrics]);
  });

  it('says beside guided samples that the floors are those of the untilted truth', async () => {
    expect((await json<Metrics>(['evaluate', AWKWARD, ...few, '--guidance', '2'])).note).toMatch(
      /untilted truth/,
    );
    const said = await command(['evaluate', AWKWARD, ...few, '--guidance', '2']);
    expect(said.stdout).toMatch(/untilted truth/);
    expect((await json<Metrics>(['evaluate', AWKWARD, ...few])).note).toBeUndefined();
  });

  it('of a file says which, and what was read of it', async () => {
    const file = folder('judged.csv');
    await command(['sample', AWKWARD, ...few, '--out', file]);
    const judged = await json<Metrics>(['evaluate', AWKWARD, '--samples', file]);
    expect(judged.stderr).toMatch(
      /^judged\.csv: 60 rows × 2 columns x1, x2; header read; labels from 'label'$/m,
    );
    expect(judged.samples).toMatchObject({ file, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect((await again(judged.command)).metrics).toEqual(judged.metrics);
  });
});

describe('sample', () => {
  it('says how, and the command gives the same points', async () => {
    const out = folder("it's.csv");
    const words = [
      'sample',
      AWKWARD,
      ...few,
      '--label',
      '1',
      '--guidance',
      '1.5',
      '--steps',
      '6',
      '--out',
      out,
    ];
    const said = await json<{ command: string }>(words);
    expect(said).toMatchObject({
      n: 60,
      seed: 4,
      label: 1,
      guidance: 1.5,
      steps: 6,
      units: expect.any(String),
    });
    const bytes = readFileSync(out);
    rmSync(out);
    await again(said.command);
    expect(readFileSync(out)).toEqual(bytes);
    const back = await json<{ command: string }>([
      ...['sample', AWKWARD, '--backward', '--start', out, '--steps', '6', '--out', folder('z.npy')],
    ]);
    const z = loadPoints(folder('z.npy')).points;
    expect(back.stderr).toMatch(/it's\.csv: 60 rows/);
    await again(back.command);
    expect(loadPoints(folder('z.npy')).points).toEqual(z);
  });
});

describe('likelihood', () => {
  it.each([
    [[]],
    [['--guidance', '2', '--solver', 'heun']],
    [['--method', 'hutchinson', '--probes', '2']],
    [['--method', 'bound', '--truncation', '0.05']],
  ])('says how: %j', async (words) => {
    const first = await json<{ value: number; command: string }>([
      ...['likelihood', folder('moons'), '--n', '20', '--steps', '4', ...words],
    ]);
    const second = await json<{ value: number }>(wordsOf(first.command));
    expect(second.value).toBe(first.value);
    expect(first).toMatchObject({
      steps: 4,
      guidance: words.includes('2') && words[0] === '--guidance' ? 2 : 1,
    });
  });
});

describe('train and study', () => {
  it('print the command that gives the same model', async () => {
    const { command: line } = JSON.parse(readFileSync(folder('si/summary.json'), 'utf8'));
    expect(await command([...wordsOf(line), '--out', folder('si2')])).toMatchObject({ code: 0 });
    const of = (run: string) => readFileSync(folder(`${run}/model.safetensors`));
    expect(of('si2')).toEqual(of('si'));
  });

  it('of a study every run says how its samples were made', async () => {
    const study = await json<{ command: string; runs: Metrics[] }>([
      ...['study', '--families', 'flow-matching', '--no-baselines', '--seeds', '1', '--steps', '5'],
      ...['--batch', '16', '--hidden', '8', '--samples', '50', '--data', 'moons', '--out', folder('study')],
    ]);
    expect(study.command).toMatch(/^npx tributary study .*--families flow-matching/);
    const [run] = study.runs;
    expect((await again(run.command)).metrics).toEqual(run.metrics);
  });
});

describe('columns of unlike deviations', () => {
  it('are said at training, and no metric hides that the small one is not resolved', async () => {
    const said = await command([
      'train',
      ...tiny,
      '--data',
      folder('own.csv'),
      '--overwrite',
      '--out',
      folder('own'),
    ]);
    expect(said.stderr).toMatch(/^own\.csv: 200 rows × 2 columns width, height; header read$/m);
    expect(said.stderr).toMatch(/one scale serves all columns.*\(height\).*\(width\)/);
    const judged = await json<Metrics>(['evaluate', folder('own'), '--n', '200']);
    expect(judged.columns?.map(({ name }) => name)).toEqual(['width', 'height']);
    expect(judged.columns?.[1].ratio).toBeGreaterThan(10);
    expect(judged.remarks?.[0]).toMatch(/column height is not resolved: its samples deviate by/);
    const { value, floor } = judged.metrics.worst_column as { value: number; floor: number };
    expect(value).toBeGreaterThan(2 * floor);
    expect((await command(['evaluate', folder('own'), '--n', '200'])).stdout).toMatch(
      /column height is not resolved/,
    );
  });
});

describe('ε', () => {
  it('that is held down is said, and so is what was used', async () => {
    const sde = (epsilon: string) =>
      json<{ diffusion: { scale: number; epsilon: { held: number; steps: number; most: number } } }>([
        ...['sample', folder('si'), ...few, '--solver', 'euler-maruyama', '--steps', '10'],
        ...['--epsilon', epsilon, '--out', folder(`e${epsilon}.npy`)],
      ]);
    const [much, more, less] = [await sde('30'), await sde('1000'), await sde('0.01')];
    expect(loadPoints(folder('e30.npy')).points).toEqual(loadPoints(folder('e1000.npy')).points);
    for (const one of [much, more]) {
      expect(one.stderr).toMatch(/ε\(t\) is held down in (all 10|\d of 10) steps/);
      expect(one.diffusion.epsilon.held).toBeGreaterThan(7);
    }
    expect(more.diffusion.epsilon.most).toBe(much.diffusion.epsilon.most);
    expect(less.stderr).not.toMatch(/held down/);
  });

  it('optimal belongs to two-sided models', async () => {
    const words = ['sample', folder('edm'), '--solver', 'euler-maruyama', '--epsilon', 'optimal'];
    const { code, stderr } = await command(words);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/optimal ε of a one-sided model.*give a number/),
    ]);
  });
});
