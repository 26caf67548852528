/** What cannot be asked of a run's sampler or of an interpolant: one line that says what would be right, exit 2. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { command } from './in_process.js';
import { temporaryFolder, tributary } from './run.js';

const folder = temporaryFolder();
const tiny = ['--steps', '2', '--batch', '8', '--hidden', '4', '--rows', '20'];

/** Runs by what they are: trained for two steps, which is enough to be refused. */
const RUNS = {
  plain: ['--data', 'moons'],
  labelled: ['--data', 'moons', '--conditional'],
  two: ['--data', 'moons', '--family', 'stochastic-interpolant'],
  edm: ['--data', 'moons', '--family', 'edm'],
  points: ['--data', 'moons', '--base', '8gaussians'],
  mirror: ['--data', 'moons', '--config', folder('mirror.json')],
} as const;

type Run = keyof typeof RUNS;

beforeAll(async () => {
  const mirror = { interpolant: { path: 'mirror', gamma: 'sqrt', heads: ['denoiser'] } };
  writeFileSync(folder('mirror.json'), JSON.stringify(mirror));
  writeFileSync(folder('start.csv'), '0,0\n1,1\n');
  writeFileSync(folder('wide.csv'), '0,0,0\n1,1,1\n');
  for (const [name, args] of Object.entries(RUNS)) {
    const { code, stderr } = await command(['train', ...tiny, ...args, '--out', folder(name)]);
    expect(stderr).not.toMatch(/tributary: /);
    expect(code).toBe(0);
  }
});

/** As a shell has it: by a process, which is what the rest of this file does without. */
async function saidAlike(args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await tributary(args);
  expect({ code, stdout, stderr }).toEqual(await command(args));
  expect(code).toBe(2);
}

/** Exit code 2, nothing on stdout, one line on stderr that matches, no number that is none and no stack. */
async function refused(args: readonly string[], message: RegExp): Promise<void> {
  const { code, stdout, stderr } = await command(args);
  const lines = stderr.trim().split('\n');
  expect(lines, stderr).toHaveLength(1);
  expect(lines[0]).toMatch(/^tributary: /);
  expect(lines[0]).toMatch(message);
  expect(stdout).toBe('');
  expect(code).toBe(2);
}

describe('sampling', () => {
  it.each<[string, Run, string, RegExp]>([
    ['an unknown solver', 'plain', '--solver huen', /unknown solver 'huen': did you mean 'heun'/],
    ['an unknown grid', 'plain', '--grid karas', /unknown time grid.*did you mean 'karras'/],
    ['an unknown path', 'plain', '--path trigg', /unknown path.*did you mean 'trig'/],
    [
      'an unknown ε(t)',
      'plain',
      '--solver euler-maruyama --diffusion bum',
      /unknown diffusion.*did you mean 'bump'/,
    ],
    ['an unknown ε(t) of an ODE', 'plain', '--diffusion bum', /unknown diffusion.*did you mean 'bump'/],
    [
      'an unknown last step',
      'plain',
      '--solver euler-maruyama --last-step twedie',
      /unknown last step.*did you mean 'tweedie'/,
    ],
    [
      'an unknown last step of an ODE',
      'plain',
      '--last-step twedie',
      /unknown last step.*did you mean 'tweedie'/,
    ],
    ['no steps', 'plain', '--steps 0', /--steps.*whole number, from 1/],
    ['negative steps', 'plain', '--steps -1', /--steps.*whole number/],
    ['half steps', 'plain', '--steps 1.5', /--steps.*whole number/],
    ['steps in words', 'plain', '--steps abc', /--steps.*whole number/],
    [
      'an ε that is no number',
      'plain',
      '--solver euler-maruyama --epsilon NaN',
      /--epsilon.*number, 0 or more/,
    ],
    ['a negative ε', 'plain', '--solver euler-maruyama --epsilon -1', /--epsilon.*number, 0 or more/],
    ['guidance that is no number', 'labelled', '--guidance NaN', /--guidance.*must be a number/],
    ['guidance without labels', 'plain', '--guidance 2', /guidance needs a conditional model.*--conditional/],
    ['a label beyond the classes', 'labelled', '--label 2', /label 2 is not one of 0 to 1/],
    ['a label in words', 'labelled', '--label one', /--label.*whole number/],
    [
      'a diffusion of an ODE',
      'plain',
      '--solver heun --diffusion sigma',
      /heun adds no noise.*takes no diffusion.*euler-maruyama/,
    ],
    ['an ε of an ODE', 'plain', '--epsilon 0.5', /heun adds no noise.*takes no diffusion/],
    [
      'a diffusion of a solver with its own noise',
      'edm',
      '--solver edm-churn --diffusion sigma',
      /edm-churn brings noise of its own/,
    ],
    [
      'the optimal ε of a run that has none',
      'mirror',
      '--solver euler-maruyama --epsilon optimal',
      /optimal ε needs measured excess losses/,
    ],
    ['a last step of an ODE', 'plain', '--last-step mean', /heun adds no noise: leave the last step at none/],
    [
      'the mean of a churned step',
      'edm',
      '--solver edm-churn --last-step mean',
      /take none, euler or tweedie/,
    ],
    [
      'lambda of a two-sided interpolant',
      'two',
      '--solver euler-maruyama --diffusion lambda',
      /lambda belongs to one-sided/,
    ],
    [
      'an SDE without a score',
      'points',
      '--solver euler-maruyama',
      /needs a score: .*stochastic-interpolant/,
    ],
    ['churn elsewhere', 'edm', '--churn 3', /churn belongs to edm-churn: leave it out with heun/],
    [
      'churn of a two-sided interpolant',
      'two',
      '--solver edm-churn',
      /edm-churn is made for one-sided interpolants/,
    ],
    ['dpm-solver++ of a two-sided one', 'two', '--solver dpm-solver++', /made for one-sided interpolants/],
    [
      'a corrector elsewhere',
      'plain',
      '--corrector-steps 2',
      /corrector steps belong to predictor-corrector and langevin/,
    ],
    [
      'half a corrector step',
      'plain',
      '--solver langevin --corrector-steps 0.5',
      /--corrector-steps.*whole number/,
    ],
    [
      'a tolerance of steps that are given',
      'plain',
      '--tolerance 1e-3',
      /tolerance belongs to dopri5: leave it out with heun/,
    ],
    [
      'a tolerance of 0',
      'plain',
      '--solver dopri5 --tolerance 0',
      /tolerances are 0 and 0; they must be above 0 and below 1/,
    ],
    ['a tolerance of 1', 'plain', '--solver dopri5 --tolerance 1', /must be above 0 and below 1/],
    ['a tolerance that is no number', 'plain', '--solver dopri5 --tolerance NaN', /--tolerance.*number/],
    [
      'dopri5 with steps',
      'plain',
      '--solver dopri5 --steps 10',
      /dopri5 chooses its own steps.*no number of steps/,
    ],
    ['dopri5 with a grid', 'plain', '--solver dopri5 --grid uniform', /dopri5.*no time grid/],
    ['dopri5 with a last step', 'plain', '--solver dopri5 --last-step none', /dopri5.*no last step/],
    ['dopri5 with a diffusion', 'plain', '--solver dopri5 --diffusion sigma', /dopri5.*no diffusion/],
    ['dopri5 with churn', 'plain', '--solver dopri5 --churn 1', /dopri5.*no churn/],
    ['dopri5 with a corrector', 'plain', '--solver dopri5 --corrector-steps 1', /dopri5.*no corrector steps/],
    [
      'dopri5 with frames',
      'plain',
      '--solver dopri5 --frames 3',
      /dopri5.*keeps no frames; take rk4 or heun/,
    ],
    ['dopri5 guided without labels', 'plain', '--solver dopri5 --guidance 2', /needs a conditional model/],
    [
      'noise levels of a two-sided interpolant',
      'two',
      '--grid karras',
      /for one-sided interpolants: take uniform/,
    ],
    ['another path of a two-sided interpolant', 'two', '--path trig', /leave the schedule as it was/],
    ['a path without noise', 'plain', '--path mirror', /mirror path has no noise levels/],
    ['a path that collapses', 'plain', '--path encoding-decoding', /needs a gamma/],
    ['the mirror without its points', 'mirror', '', /mirror path starts from data: train it with --base/],
    ['backwards without a start', 'plain', '--backward', /begins at data: give --start FILE/],
    [
      'backwards through noise levels',
      'edm',
      '--solver edm-churn --backward --n 2 --start START',
      /leads from noise to data/,
    ],
    [
      'backwards to the data’s end',
      'plain',
      '--solver euler-maruyama --last-step tweedie --backward --n 2 --start START',
      /tweedie ends at the data.*none, mean or euler/,
    ],
    ['another number of starts', 'plain', '--n 3 --start START', /holds 2 points: give --n 2/],
    [
      'starts of another dimension',
      'plain',
      '--n 2 --start WIDE',
      /has 3 columns; this model moves points of 2/,
    ],
    ['a start that is not there', 'plain', '--n 2 --start nowhere.csv', /nowhere\.csv/],
    ['frames of nothing', 'plain', '--frames 0', /--frames.*whole number/],
  ])('refuses %s', async (_, run, words, message) => {
    const out = folder(`refused-${run}.npy`);
    const args = words
      .split(' ')
      .filter(Boolean)
      .map((word) => ({ START: folder('start.csv'), WIDE: folder('wide.csv') })[word] ?? word);
    const before = readdirSync(folder(run));
    await refused(['sample', folder(run), '--out', out, ...args], message);
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(folder(run))).toEqual(before);
  });

  it('refuses it likewise in a process of its own', async () => {
    await saidAlike(['sample', folder('plain'), '--solver', 'huen']);
    await saidAlike(['sample', folder('edm'), '--solver', 'edm-churn', '--diffusion', 'sigma']);
    await saidAlike(['sample', folder('mirror'), '--n', '3', '--out', folder('never.csv')]);
    await saidAlike(['evaluate', folder('plain'), '--samples', folder('start.csv'), '--n', '100']);
  });

  it('takes what it refuses elsewhere', async () => {
    const out = ['--out', folder('good.npy')];
    for (const [run, words] of [
      ['plain', '--solver dopri5 --tolerance 1e-3 --n 5'],
      [
        'plain',
        '--solver euler-maruyama --diffusion lambda --epsilon 0.5 --last-step tweedie --steps 3 --n 5',
      ],
      ['labelled', '--solver dopri5 --guidance 2 --tolerance 1e-3 --label 1 --n 5'],
      ['edm', '--solver edm-churn --churn 3 --steps 3 --last-step tweedie --n 5'],
      ['plain', '--solver langevin --corrector-steps 0 --steps 3 --n 5'],
      ['two', `--solver sde-heun --last-step mean --backward --steps 3 --n 2 --start ${folder('start.csv')}`],
      ['mirror', `--n 2 --start ${folder('start.csv')}`],
      ['points', '--path ve --steps 3 --n 5'],
    ] as const) {
      const { code, stderr } = await command(['sample', folder(run), ...out, ...words.split(' ')]);
      expect(stderr).not.toMatch(/tributary: /);
      expect(code, words).toBe(0);
    }
  });
});

describe('judging a file', () => {
  it('refuses what would draw samples', async () => {
    const judge = ['evaluate', folder('plain'), '--samples', folder('start.csv')];
    await refused([...judge, '--solver', 'rk4', '--last-step', 'none'], /leave out --solver and --last-step/);
    await refused([...judge, '--n', '100'], /leave out --n,/);
    await refused([...judge, '--label', '0'], /metrics judge the whole distribution/);
  });
});

describe('reflow', () => {
  it.each<[string, unknown, RegExp]>([
    ['an unknown key', { distill: true }, /unknown key "reflow\.distill": did you mean "distil"\?/],
    ['a word for a choice', { distil: 'yes' }, /reflow distil is "yes"; it must be true or false/],
    ['half a round', { rounds: 0.5 }, /reflow rounds/],
    ['a number', 3, /"reflow" must be an object/],
  ])('refuses %s', async (_, reflow, message) => {
    writeFileSync(folder('reflow.json'), JSON.stringify({ reflow }));
    const out = folder('never');
    await refused(['train', ...tiny, '--config', folder('reflow.json'), '--out', out], message);
    expect(existsSync(out)).toBe(false);
  });

  it('completes what is left out', async () => {
    writeFileSync(folder('reflow.json'), JSON.stringify({ reflow: { distil: true } }));
    const { code } = await command([
      ...['train', ...tiny, '--data', 'moons', '--config', folder('reflow.json')],
      ...['--out', folder('reflowed')],
    ]);
    expect(code).toBe(0);
    const config = JSON.parse(readFileSync(folder('reflowed/config.json'), 'utf8'));
    expect(config).toMatchObject({ format: 2, settings: { reflowRounds: 1, distil: true } });
  });
});

describe('an interpolant', () => {
  it.each<[string, object, RegExp]>([
    ['of an unknown path', { path: 'liner' }, /unknown interpolant path.*did you mean 'linear'/],
    ['of an unknown γ', { gamma: 'sqr' }, /unknown interpolant gamma.*did you mean 'sqrt'/],
    ['of an unknown head', { heads: ['velocty'] }, /unknown head.*did you mean 'velocity'/],
    [
      'of an unknown coupling',
      { coupling: 'sinkhron' },
      /unknown interpolant coupling.*did you mean 'sinkhorn'/,
    ],
    ['of an unknown weighting', { weighting: 'snrr' }, /unknown interpolant weighting.*did you mean 'snr'/],
    ['of no head', { heads: [] }, /give one or two of velocity/],
    ['of two heads that say the same', { heads: ['velocity', 'velocity'], gamma: 'sqrt' }, /named twice/],
    ['of two heads without γ', { heads: ['velocity', 'denoiser'] }, /needs one head only/],
    [
      'of heads without a velocity',
      { heads: ['denoiser'], gamma: 'sqrt' },
      /do not give a velocity; .*velocity and denoiser/,
    ],
    [
      'of a path with noise of its own and γ',
      { path: 'vp-sde', gamma: 'sqrt' },
      /brings its own noise: leave gamma at none/,
    ],
    ['of EDM’s head and γ', { heads: ['edm'], gamma: 'sqrt' }, /edm head belongs to one-sided interpolants/],
    ['of the mirror without γ', { path: 'mirror' }, /mirror path needs a gamma/],
    ['of a path through 0 without γ', { path: 'encoding-decoding' }, /needs a gamma/],
    [
      'of weights of noise levels with γ',
      { gamma: 'sqrt', weighting: 'snr' },
      /for one-sided interpolants: use none/,
    ],
    [
      'of times of noise levels with γ',
      { gamma: 'sqrt', timeDistribution: 'log-normal' },
      /log-normal times are noise levels.*use uniform/,
    ],
    ['of antithetic pairs without γ', { antithetic: true }, /antithetic pairs .* need a gamma/],
    ['of pairs without a base', { coupling: 'paired' }, /paired coupling needs a base/],
    ['of a γ of no size', { gamma: 'sqrt', gammaScale: 0 }, /gammaScale is 0; it must be above 0/],
    ['of times outside', { timeMin: -0.5 }, /timeMin is -0.5; it must be from 0 to below 1/],
    ['of times that end before they begin', { timeMin: 0.9, timeMax: 0.1 }, /not inside 0 to 1/],
    ['of an unknown key', { gama: 'sqrt' }, /unknown key "interpolant\.gama": did you mean "gamma"\?/],
    ['of words for numbers', { timeMax: 'late' }, /timeMax is "late"; it must be a number/],
  ])('%s is refused, and nothing is written', async (_, interpolant, message) => {
    writeFileSync(folder('config.json'), JSON.stringify({ interpolant }));
    const out = folder('never');
    await refused(['train', ...tiny, '--config', folder('config.json'), '--out', out], message);
    expect(existsSync(out)).toBe(false);
  });

  it('of a base of points on a path that starts from noise, or without a score', async () => {
    const args = ['train', ...tiny, '--base', 'moons', '--out', folder('never')];
    writeFileSync(folder('config.json'), JSON.stringify({ interpolant: { path: 'vp-sde' } }));
    await refused([...args, '--config', folder('config.json')], /starts from noise.*linear or the trig path/);
    writeFileSync(folder('config.json'), JSON.stringify({ interpolant: { heads: ['score'] } }));
    await refused([...args, '--config', folder('config.json')], /learn the velocity, or set gamma/);
    await saidAlike([...args, '--config', folder('config.json')]);
    expect(existsSync(folder('never'))).toBe(false);
    expect(JSON.parse(readFileSync(folder('points/config.json'), 'utf8')).data.base.name).toBe('8gaussians');
  });
});
