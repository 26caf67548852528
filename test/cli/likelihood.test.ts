import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeNpy } from '../../src/formats/npy.js';
import { temporaryFolder, tributary } from './run.js';

const folder = temporaryFolder();
const small = ['--steps', '300', '--batch', '256', '--hidden', '24', '--seed', '5'];

async function trained(name: string, ...options: string[]): Promise<void> {
  const { code, stderr } = await tributary(['train', ...small, ...options, '--out', folder(name)]);
  expect(code, stderr).toBe(0);
}

async function judged(run: string, ...options: string[]) {
  const { code, stdout, stderr } = await tributary(['likelihood', folder(run), '--json', ...options]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

beforeAll(async () => {
  await Promise.all([
    trained('eight', '--data', '8gaussians'),
    trained('moons', '--data', 'moons', '--conditional'),
    trained('edm', '--data', '8gaussians', '--family', 'edm'),
    trained('moved', '--data', '8gaussians', '--base', 'moons'),
    trained('si', '--data', '8gaussians', '--family', 'stochastic-interpolant'),
  ]);
});

describe('tributary likelihood', () => {
  it('prints held-out log-likelihood beside the truth’s on the same points', async () => {
    const result = await judged('eight', '--n', '300', '--steps', '8');
    expect(result).toMatchObject({
      kind: 'numerical',
      method: 'exact',
      divergence: 'exact',
      n: 300,
      seed: 1,
    });
    for (const key of ['value', 'standard_error', 'bits_per_dim', 'tolerance', 'seconds'])
      expect(Number.isFinite(result[key]), key).toBe(true);
    // No model is better than the truth by more than chance, and 300 steps teach something: the base alone gives −14.
    expect(result.kl.value).toBeGreaterThan(-3 * result.kl.standard_error);
    expect(result.kl.value).toBeLessThan(1);
    expect(result.truth.value - result.kl.value).toBeCloseTo(result.value, 9);
    expect(result.tolerance).toBeLessThan(0.05);
  });

  it('agrees with itself by probes, and lies above the bound', async () => {
    const exact = await judged('eight', '--n', '400', '--steps', '8');
    const probed = await judged(
      'eight',
      '--n',
      '400',
      '--steps',
      '8',
      '--method',
      'hutchinson',
      '--probes',
      '3',
    );
    expect(probed.probe_error).toBeGreaterThan(0);
    expect(Math.abs(probed.value - exact.value)).toBeLessThan(4 * probed.probe_error);
    const bound = await judged('eight', '--n', '400', '--steps', '32', '--method', 'bound');
    expect(bound).toMatchObject({ kind: 'bound', side: 'lower' });
    expect(bound.kl.value).toBeGreaterThan(-4 * bound.monte_carlo_error);
  });

  it.each(['si', 'edm'])('knows the flow of the other heads: %s', async (run) => {
    const { kl, tolerance } = await judged(run, '--n', '300', '--steps', '16');
    expect(tolerance).toBeLessThan(0.05);
    expect(kl.value).toBeGreaterThan(-3 * kl.standard_error);
    expect(kl.value).toBeLessThan(1.5);
  });

  it('writes log p of every point, given its label where the model is', async () => {
    const result = await judged('moons', '--n', '50', '--steps', '8', '--out', folder('p.csv'));
    const [header, ...lines] = readFileSync(folder('p.csv'), 'utf8').trim().split('\n');
    expect(header).toBe('x1,x2,log_p,label');
    const mean = lines.reduce((sum, line) => sum + Number(line.split(',')[2]), 0) / lines.length;
    expect(mean).toBeCloseTo(result.value, 9);
    // The same points from a file, by their labels, have the same log p.
    const points = lines.map((line) => line.split(',')).map(([x, y, , label]) => `${x},${y},${label}`);
    writeFileSync(folder('points.csv'), `x,y,label\n${points.join('\n')}\n`);
    const own = ['--points', folder('points.csv'), '--steps', '8', '--out', folder('p.npy')];
    expect((await judged('moons', ...own)).value).toBeCloseTo(result.value, 6);
    const values = decodeNpy(readFileSync(folder('p.npy')), 'p.npy');
    expect(values.shape).toEqual([50]);
    expect(Number(values.data[0])).toBeCloseTo(Number(lines[0].split(',')[2]), 4);
    // Without labels the two moons overlap in probability: each point is less likely.
    const whole = await judged('moons', ...own, '--unconditional');
    expect(whole.value).toBeLessThan(result.value);
  });

  it('does not change with the units that data come in, but by their volume', async () => {
    const rows = (scale: number) =>
      Array.from({ length: 200 }, (_, i) => `${scale * Math.sin(i)},${scale * Math.cos(2.7 * i + 1)}`).join(
        '\n',
      );
    for (const [name, scale] of [
      ['metres', 1],
      ['kilometres', 1e-3],
    ] as const) {
      writeFileSync(folder(`${name}.csv`), `${rows(scale)}\n`);
      await trained(name, '--data', folder(`${name}.csv`));
    }
    const at = (name: string) => judged(name, '--points', folder(`${name}.csv`), '--steps', '8');
    const [large, few] = [await at('metres'), await at('kilometres')];
    expect(few.value - large.value).toBeCloseTo(2 * Math.log(1000), 3);
    expect(large.truth).toBeUndefined();
    const { code, stderr } = await tributary(['likelihood', folder('metres')]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/no known law.*--points FILE/);
  });

  it.each([
    ['eight', ['--method', 'exct'], /did you mean 'exact'/],
    ['eight', ['--guidance', '2'], /needs a conditional model/],
    ['eight', ['--unconditional'], /knows no labels/],
    ['eight', ['--out', 'x.txt'], /\.npy or \.csv/],
    ['eight', ['--solver', 'euler-maruyama'], /no Runge–Kutta method/],
    ['eight', ['--method', 'bound', '--truncation', '2'], /between 0 and 1/],
    ['si', ['--method', 'bound'], /one-sided/],
    ['moved', [], /no likelihood: this flow starts from a set of points/],
    ['nowhere', [], /holds no run/],
  ] as const)('%s %o is refused in one line', async (run, options, message) => {
    const { code, stderr, stdout } = await tributary(['likelihood', folder(run), ...options]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    const own = stderr.split('\n').filter((line) => line.startsWith('tributary: '));
    expect(own.length).toBe(1);
    expect(own[0]).toMatch(message);
  });
});
