/** Every option that is accepted changes the result or says that it does not: walked from the commands' own lists. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { program } from '../../src/cli/main.js';
import { encodeCsv } from '../../src/formats/csv_write.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { command } from '../cli/in_process.js';
import { temporaryFolder } from '../cli/run.js';

const folder = temporaryFolder();
const OUT = folder('out.npy');
const tiny = ['--steps', '4', '--batch', '16', '--hidden', '4', '--seed', '3'];

/** How an option is shown to count. */
type Proof =
  /** Words that are run with and without the option; what they leave or print has to differ. */
  | { readonly base: string; readonly option: string }
  /** It is about where or how results are shown, or has tests of its own: why it is not walked here. */
  | { readonly elsewhere: string };

const change = (base: string, option: string): Proof => ({ base, option });
const elsewhere = (why: string): Proof => ({ elsewhere: why });

const DRAW = 'sample RUN --n 20 --steps 4';
const SDE = 'sample RUN --n 20 --steps 4 --solver euler-maruyama';
const JUDGE = 'evaluate RUN --n 20 --steps 4';
const JUDGE_SDE = `${JUDGE} --solver euler-maruyama`;
const NATS = 'likelihood RUN --points labelled.csv --steps 2';
const TRAIN = 'train --data plain.csv --steps 4 --batch 16 --hidden 4';

/** What all commands that sample have in common. */
const solverOptions = (draw: string, sde: string): Record<string, Proof> => ({
  '--n': change(draw, '--n 21'),
  '--solver': change(draw, '--solver rk4'),
  '--steps': change(draw, '--steps 5'),
  '--grid': change(draw, '--grid chebyshev'),
  '--diffusion': change(sde, '--diffusion bump'),
  '--epsilon': change(sde, '--epsilon 0.1'),
  '--last-step': change(sde, '--last-step mean'),
  '--guidance': change(draw, '--guidance 2'),
  '--path': change(draw, '--path trig'),
  '--churn': change(`${draw} --solver edm-churn`, '--churn 0.5'),
  '--corrector-steps': change(`${draw} --solver langevin`, '--corrector-steps 2'),
  '--tolerance': change(`${draw.replace(' --steps 4', '')} --solver dopri5`, '--tolerance 0.1'),
  '--seed': change(draw, '--seed 9'),
  '--backend': elsewhere('its results are those of the same seed to rounding: verify'),
  '--json': elsewhere('how a result is shown'),
});

const WALK: Readonly<Record<string, Readonly<Record<string, Proof>>>> = {
  sample: {
    ...solverOptions(DRAW, SDE),
    '--label': change(DRAW, '--label 1'),
    '--family': elsewhere('test/cli/own_family.test.ts'),
    '--out': elsewhere('where a result goes'),
    '--frames': change(DRAW, '--frames 2'),
    '--start': change('sample RUN --n 40 --steps 4', '--start labelled.csv'),
    '--backward': change('sample RUN --steps 4 --start labelled.csv', '--backward'),
    '--full': change('sample LIFTED --n 20 --steps 4', '--full'),
    '--header': change('sample PLAIN --steps 4 --start numbers.csv --header yes', '--header no'),
  },
  evaluate: {
    ...solverOptions(JUDGE, JUDGE_SDE),
    '--label': elsewhere('refused: see test/cli/refusals.test.ts'),
    '--family': elsewhere('test/cli/own_family.test.ts'),
    '--no-baselines': change(JUDGE, '--no-baselines'),
    '--samples': change('evaluate RUN --samples plain.csv', '--samples moved.csv'),
    '--header': change('evaluate PLAIN --samples numbers.csv --header yes', '--header no'),
  },
  likelihood: {
    '--n': change('likelihood MOONS --n 20 --steps 2', '--n 21'),
    '--points': change('likelihood MOONS --steps 2', '--points labelled.csv'),
    '--family': elsewhere('test/cli/own_family.test.ts'),
    '--method': change(NATS, '--method hutchinson'),
    '--solver': change(NATS, '--solver heun'),
    '--steps': change(NATS, '--steps 3'),
    '--finest': change(NATS, '--finest 0.05'),
    '--probes': change(`${NATS} --method hutchinson`, '--probes 2'),
    '--truncation': change(`${NATS} --method bound`, '--truncation 0.1'),
    '--guidance': change(NATS, '--guidance 2'),
    '--unconditional': change(NATS, '--unconditional'),
    '--seed': change(`${NATS} --method hutchinson`, '--seed 2'),
    '--backend': elsewhere('its results are those of the same seed to rounding: verify'),
    '--out': elsewhere('where a result goes'),
    '--json': elsewhere('how a result is shown'),
    '--header': change('likelihood PLAIN --points numbers.csv --steps 2 --header yes', '--header no'),
  },
  train: {
    '--family': change(TRAIN, '--family edm'),
    '--data': change(TRAIN, '--data numbers.csv --header no'),
    '--rows': change('train --data moons --steps 4 --batch 16 --hidden 4', '--rows 50'),
    '--ambient': change('train --data moons --steps 4 --batch 16 --hidden 4', '--ambient 4'),
    '--base': change(TRAIN, '--base moons'),
    '--conditional': change(TRAIN.replace('plain', 'labelled'), '--conditional'),
    '--set': change(TRAIN, '--set timeMax=0.9'),
    '--config': change(TRAIN, '--config config.json'),
    '--steps': change(TRAIN, '--steps 5'),
    '--batch': change(TRAIN, '--batch 18'),
    '--hidden': change(TRAIN, '--hidden 6'),
    '--inner': change(TRAIN, '--inner 6'),
    '--blocks': change(TRAIN, '--blocks 1'),
    '--norm': change(TRAIN, '--norm rms'),
    '--bottleneck': change(TRAIN, '--bottleneck 1'),
    '--parameters': change(TRAIN.replace(' --hidden 4', ''), '--parameters 5000'),
    '--learning-rate': change(TRAIN, '--learning-rate 0.1'),
    '--ema': change(TRAIN, '--ema 0.5'),
    '--seed': change(TRAIN, '--seed 9'),
    '--header': change(
      'train --data numbers.csv --steps 4 --batch 16 --hidden 4 --header yes',
      '--header no',
    ),
    '--backend': elsewhere('its results are those of the same seed to rounding: verify'),
    '--out': elsewhere('where a result goes'),
    '--resume': elsewhere('test/cli/train.test.ts'),
    '--overwrite': elsewhere('test/cli/train.test.ts'),
    '--checkpoint-every': elsewhere('how often a run is saved'),
    '--profile': elsewhere('how a result is shown'),
    '--tune': elsewhere('test/webgpu/tune.test.ts'),
    '--json': elsewhere('how a result is shown'),
  },
};

/** Commands of which other tests walk the options: each is passed on to those above. */
const OTHERS = ['start', 'study', 'verify', 'demo', 'families'];

beforeAll(async () => {
  const random = new CounterRandom(2, STREAM.test);
  const points = Float64Array.from({ length: 80 }, (_, i) => random.normal(i));
  const labels = Uint32Array.from({ length: 40 }, (_, row) => row % 2);
  const text = encodeCsv(points, 40, 2);
  writeFileSync(folder('plain.csv'), text);
  writeFileSync(folder('labelled.csv'), encodeCsv(points, 40, 2, labels));
  writeFileSync(
    folder('moved.csv'),
    encodeCsv(
      points.map((value) => value + 1),
      40,
      2,
    ),
  );
  // A point, or names: only --header says.
  writeFileSync(folder('numbers.csv'), text.replace('x1,x2', '0,1'));
  writeFileSync(folder('config.json'), JSON.stringify({ interpolant: { path: 'trig' } }));
  writeFileSync(folder('selu.json'), JSON.stringify({ network: { activation: 'selu' } }));
  for (const [run, words] of [
    ['RUN', ['--data', folder('labelled.csv'), '--conditional']],
    ['PLAIN', ['--data', folder('plain.csv')]],
    ['MOONS', ['--data', 'moons']],
    ['LIFTED', ['--data', 'moons', '--ambient', '4']],
  ] as const) {
    const { code, stderr } = await command(['train', ...tiny, ...words, '--out', folder(run)]);
    expect(code, stderr).toBe(0);
  }
});

/** Replaces an option that a command already has by a second, as a shell would not. */
function combined(base: string, option: string): string[] {
  const [name] = option.split(' ');
  const words = base.split(' ');
  const at = words.indexOf(name);
  if (at >= 0) words.splice(at, 2);
  return [...words, ...option.split(' ')];
}

/** What a command leaves behind, without times and without what it was asked. */
async function outcome(words: readonly string[]): Promise<{ result: string; stderr: string }> {
  const paths = words.map((word) => (/\.(csv|json)$|^[A-Z]+$/.test(word) ? folder(word) : word));
  const [name] = words;
  const frames = OUT.replace('.npy', '.frames.npy');
  for (const file of [OUT, frames, folder('trained')]) rmSync(file, { recursive: true, force: true });
  const out = name === 'sample' ? ['--out', OUT] : name === 'train' ? ['--out', folder('trained')] : [];
  const { code, stdout, stderr } = await command([
    ...paths,
    ...out,
    ...(name === 'sample' ? [] : ['--json']),
  ]);
  expect(code, `${words.join(' ')}: ${stderr}`).toBe(0);
  const bytes = (file: string) => (existsSync(file) ? readFileSync(file).toString('base64') : '');
  if (name === 'sample') return { result: bytes(OUT) + bytes(frames), stderr };
  if (name === 'train') return { result: bytes(folder('trained/model.safetensors')), stderr };
  const { metrics, value } = JSON.parse(stdout);
  return { result: JSON.stringify(name === 'evaluate' ? metrics : value), stderr };
}

/** What commands leave without the option that is walked: many have the same. */
const BASES = new Map<string, ReturnType<typeof outcome>>();

function outcomeOf(base: string): ReturnType<typeof outcome> {
  const known = BASES.get(base) ?? outcome(base.split(' '));
  BASES.set(base, known);
  return known;
}

describe('the walk', () => {
  it('knows every command', () => {
    expect(
      program()
        .commands.map((one) => one.name())
        .sort(),
    ).toEqual([...Object.keys(WALK), ...OTHERS].sort());
  });

  it.each(Object.keys(WALK))('knows every option of %s, and no other', (name) => {
    const options = program().commands.find((one) => one.name() === name)?.options ?? [];
    expect(options.map(({ long }) => long).sort()).toEqual(Object.keys(WALK[name]).sort());
  });
});

describe.each(Object.keys(WALK))('%s', (name) => {
  const counted = Object.entries(WALK[name]).flatMap(([option, proof]) =>
    'elsewhere' in proof ? [] : [[option, proof] as const],
  );
  it.each(counted)('%s changes the result', async (option, proof) => {
    expect(proof.option.startsWith(option)).toBe(true);
    const without = await outcomeOf(proof.base);
    const having = await outcome(combined(proof.base, proof.option));
    expect(having.result).not.toBe(without.result);
  });
});

describe('an option that changes nothing is refused', () => {
  it.each<[string, RegExp]>([
    ['sample PLAIN --label 0', /knows no labels/],
    ['sample PLAIN --guidance 2', /guidance needs a conditional model/],
    ['sample PLAIN --full', /--full is for models of a lifted distribution/],
    ['sample PLAIN --header yes', /--header is about the first line of a \.csv given by --start/],
    ['sample PLAIN --family edm', /this run is of flow-matching, and edm is not it: leave --family out/],
    ['evaluate PLAIN --family edm', /leave --family out/],
    ['likelihood PLAIN --family flow-matching', /flow-matching is built in: leave --family out/],
    ['train --data plain.csv --family kde --steps 5', /fitted at once, without a network: leave --steps out/],
    ['train --data plain.csv --family kde --norm rms', /leave --norm out/],
    ['evaluate PLAIN --header yes', /--header is about the first line of a \.csv given by --samples/],
    ['evaluate PLAIN --samples plain.csv --backend auto', /leave out --backend/],
    ['evaluate PLAIN --samples plain.csv --n 3 --steps 4', /leave out --steps and --n/],
    ['likelihood MOONS --header yes', /--header is about the first line of a \.csv given by --points/],
    ['likelihood PLAIN --points plain.csv --n 5', /--n draws held-out points, and --points gives them/],
    ['likelihood MOONS --probes 3', /--probes does nothing with --method exact/],
    ['likelihood MOONS --truncation 0.1', /--truncation does nothing with --method exact/],
    ['likelihood MOONS --method bound --solver heun', /--solver does nothing with --method bound/],
    ['likelihood MOONS --method bound --finest 1', /--finest does nothing with --method bound/],
    ['likelihood MOONS --method hutchinson --truncation 0.1', /--truncation does nothing/],
    [
      'likelihood PLAIN --points plain.csv --seed 2',
      /--seed does nothing for given points and --method exact/,
    ],
    ['train --data plain.csv --inner 8 --config selu.json', /--inner is the width inside a SwiGLU block/],
    ['train --data moons --header no', /no \.csv is read here: leave it out/],
    ['train --data plain.csv --rows 5', /a file is used whole/],
    ['train --data plain.csv --ambient 5', /lifts a known distribution/],
    ['train --data plain.csv --conditional', /no labels to condition on/],
  ])('%s', async (words, message) => {
    const paths = words.split(' ').map((word) => (/\.(csv|json)$|^[A-Z]+$/.test(word) ? folder(word) : word));
    const { code, stdout, stderr } = await command(paths);
    expect(stderr.trim().split('\n'), stderr).toHaveLength(1);
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([2, '']);
  });

  it('but a seed of what draws nothing is said not to count', async () => {
    const words = ['sample', folder('PLAIN'), '--start', folder('plain.csv'), '--steps', '2', '--out', OUT];
    expect((await command([...words, '--seed', '5'])).stderr).toMatch(/draws nothing: --seed does not count/);
    const sde = await command([...words, '--solver', 'euler-maruyama', '--seed', '5']);
    expect(sde.stderr).not.toMatch(/does not count/);
  });

  it('but churn and ε beyond what steps take are said to be held', async () => {
    const churn = await command([
      ...['sample', folder('PLAIN'), '--n', '5', '--steps', '4', '--solver', 'edm-churn', '--churn', '99'],
      ...['--out', OUT],
    ]);
    expect(churn.stderr).toMatch(/--churn 99 counts as 1\.7, the most that 4 steps take/);
  });
});
