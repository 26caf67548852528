import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { familyNames } from '../../src/families/registry.js';
import { command } from './in_process.js';
import { caught, temporaryFolder, tributary } from './run.js';

const folder = temporaryFolder();

const sizes = ['--steps', '20', '--batch', '32', '--hidden', '8', '--samples', '64', '--data', 'moons'];
const study = (out: string, ...words: string[]) => ['study', ...sizes, ...words, '--out', folder(out)];
const results = (out: string) => JSON.parse(readFileSync(folder(`${out}/results.json`), 'utf8'));

/** Everything but times and folders, which no two runs share. */
function withoutTimes(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner) =>
      ['seconds', 'trainingRatio', 'samplingRatio', 'command', 'file'].includes(key) ? undefined : inner,
    ),
  );
}

describe('tributary study', () => {
  const two = ['--families', 'flow-matching,edm', '--no-baselines', '--seeds', '2', '--likelihood', '20'];

  it('gathers families and seeds in one table with floors, costs and likelihoods', async () => {
    const { code, stdout, stderr } = await tributary(study('a', ...two));
    expect(stderr).not.toMatch(/error/i);
    expect(code).toBe(0);
    const { rows, runs, settings, seeds, reference, likelihoodOfTruth } = results('a');
    expect(seeds).toEqual([0, 1]);
    expect(settings).toMatchObject({ data: 'moons', steps: 20, samples: 64, conditional: true });
    expect(runs).toHaveLength(4);
    expect(reference).toBe('flow-matching');
    expect(Number.isFinite(likelihoodOfTruth)).toBe(true);
    expect(rows.map(({ family }: { family: string }) => family)).toEqual(['flow-matching', 'edm']);
    for (const row of rows) {
      const own = runs.filter(({ family }: { family: string }) => family === row.family);
      const [a, b] = own.map(
        (run: { metrics: Record<string, { value: number }> }) => run.metrics.frechet.value,
      );
      expect(a).not.toBe(b);
      expect(row.metrics.frechet.mean).toBeCloseTo((a + b) / 2, 12);
      expect(row.metrics.frechet.std).toBeCloseTo(Math.abs(a - b) / Math.SQRT2, 12);
      expect(row.metrics.frechet.floor).toBeGreaterThan(0);
      expect(row.metrics.frechet.floor).toBeLessThan(row.metrics.frechet.mean);
      expect(row.metrics.label_purity.mean).toBeGreaterThan(0);
      expect(row.likelihood.kind).toBe('numerical');
      expect(row.likelihood.mean).toBeLessThan(likelihoodOfTruth);
      expect(row.evaluations).toBe(80);
    }
    expect(rows[0].trainingRatio).toBe(1);
    const table = readFileSync(folder('a/table.md'), 'utf8');
    expect(stdout).toContain(table.trim().split('\n')[3]);
    expect(table).toMatch(/\| perfect samples .*± /);
    expect(table).toMatch(/\| edm .* ± .*\(numerical\)/);
    const html = readFileSync(folder('a/report.html'), 'utf8');
    expect(html).toContain('perfect samples');
    expect(html.match(/<img src="data:image\/png/g)).toHaveLength(3);
    expect(html).not.toMatch(/(src|href)="http/);
  });

  it('interrupted and gone on with, ends with the same numbers; a finished one trains nothing', async () => {
    const first = await caught(folder('b'), () =>
      tributary(study('b', ...two), (child) => {
        let [seen, sent] = ['', false];
        child.stderr?.on('data', (chunk) => {
          seen += chunk;
          if (sent || !/\[2\/4\][^[]*training \d/.test(seen)) return;
          sent = true;
          child.kill('SIGINT');
        });
      }),
    );
    expect(first.code).toBe(130);
    expect(first.stderr).toContain('interrupted after 1 of 4 runs; the same command goes on from there');
    expect(existsSync(folder('b/results.json'))).toBe(false);
    const second = await tributary(study('b', ...two));
    expect(second.stderr).toContain('[1/4] flow-matching, seed 0: finished before');
    expect(second.code).toBe(0);
    expect(withoutTimes(results('b'))).toEqual(withoutTimes(results('a')));

    const trained = statSync(folder('b/edm-seed1/optimizer.safetensors')).mtimeMs;
    const before = results('b');
    expect((await tributary(study('b', ...two))).code).toBe(0);
    expect(statSync(folder('b/edm-seed1/optimizer.safetensors')).mtimeMs).toBe(trained);
    expect(results('b')).toEqual(before);
  });

  it('trains once what differs in sampling only, and the networks are the ones of a run of its own', async () => {
    const ways = ['--no-baselines', '--seeds', '1', '--families'];
    const { code, stderr } = await tributary(study('c', ...ways, 'ddpm,ddim'));
    expect(code).toBe(0);
    expect(stderr).toContain('[2/2] ddim, seed 0: the networks of ddpm');
    expect((await tributary(study('d', ...ways, 'ddim'))).code).toBe(0);
    const [both, alone] = ['c', 'd'].map((name) => results(name).runs.at(-1));
    expect(both.family).toBe('ddim');
    expect(withoutTimes(both)).toEqual(withoutTimes(alone));
    // The very bytes, the config inside included: a file that travels alone is sampled as its family is.
    expect(readFileSync(folder('c/ddim-seed0/model.safetensors'))).toEqual(
      readFileSync(folder('d/ddim-seed0/model.safetensors')),
    );
    expect(JSON.parse(readFileSync(folder('c/ddim-seed0/config.json'), 'utf8')).family).toBe('ddim');
  });

  it('every named family trains and is sampled to finite numbers', async () => {
    const { code, stderr } = await tributary(
      study('all', '--seeds', '1', '--unconditional', '--data', '8gaussians'),
    );
    const failed = [...stderr.matchAll(/^tributary: (.*)$/gm)].map(([, text]) => text);
    expect(failed).toEqual([]);
    expect(code).toBe(0);
    expect(results('all').rows.map(({ family }: { family: string }) => family)).toEqual(familyNames);
  });

  it.each([
    [['--families', 'flow-matchin'], /did you mean 'flow-matching'/],
    [['--families', 'edm,edm'], /--families names edm twice/],
    [['--families', ' , '], /--families is empty/],
    [['--seeds', '0'], /from 1 to 1000/],
    [['--batch', '33'], /an even one/],
    [['--data', 'moon'], /did you mean 'moons'/],
    [['--backend', 'gpu'], /backend/],
    [['--out', ''], /--out is empty/],
  ])('refuses %j in one line', async (words, message) => {
    const { code, stdout, stderr } = await command([...study('never'), ...words]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
    expect(existsSync(folder('never'))).toBe(false);
  });

  it('does not mix runs of other settings, unless it may replace them', async () => {
    const one = ['--families', 'flow-matching', '--no-baselines', '--seeds', '1'];
    expect((await tributary(study('c', ...one))).code).toBe(0);
    const other = [...study('c', ...one), '--steps', '21'];
    const refused = await tributary(other);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/holds a run with other settings/);
    expect(results('c').settings.steps).toBe(20);
    expect((await tributary([...other, '--overwrite'])).code).toBe(0);
    expect(results('c').settings.steps).toBe(21);
    rmSync(folder('c'), { recursive: true });
  });
});
