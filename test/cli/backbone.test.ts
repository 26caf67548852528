/** The backbone's options and the budget of parameters, from the command line to the files. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { command, json } from './in_process.js';
import { temporaryFolder } from './run.js';

const folder = temporaryFolder();
const tiny = ['--data', 'moons', '--steps', '2', '--batch', '8', '--rows', '20'];
const configIn = (out: string) => JSON.parse(readFileSync(folder(`${out}/config.json`), 'utf8'));

/** What is refused: exit code 2 and one line. */
async function refusal(words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await command(words);
  expect([code, stdout, stderr.trim().split('\n').length], stderr).toEqual([2, '', 1]);
  return stderr;
}

describe('a backbone by options', () => {
  it('is in the config, and is sampled, judged and gone on with by its files alone', async () => {
    const out = folder('normed');
    const words = ['--norm', 'rms', '--bottleneck', '3', '--ambient', '5', '--hidden', '8'];
    await json(['train', ...tiny, ...words, '--out', out]);
    expect(configIn('normed').network).toMatchObject({ norm: 'rms', bottleneck: 3, hidden: 8 });
    const drawn = async (from: string, to: string) => {
      await json(['sample', from, '--n', '50', '--steps', '4', '--full', '--out', folder(to)]);
      return readFileSync(folder(to));
    };
    expect(await drawn(out, 'a.npy')).toEqual(await drawn(folder('normed/model.safetensors'), 'b.npy'));
    const { value } = await json<{ value: number }>(['likelihood', out, '--n', '4', '--steps', '3']);
    expect(Number.isFinite(value)).toBe(true);
    await json(['train', '--resume', '--norm', 'rms', '--out', out]);
    expect(await refusal(['train', '--resume', '--bottleneck', '2', '--out', out])).toContain(
      'was begun with --bottleneck 3, not 2',
    );
  });

  it('that is off is not in the config', async () => {
    await json(['train', ...tiny, '--hidden', '4', '--out', folder('plain')]);
    expect(Object.keys(configIn('plain').network)).not.toContain('norm');
    expect(Object.keys(configIn('plain').network)).not.toContain('bottleneck');
    await json(['train', '--resume', '--norm', 'none', '--bottleneck', '0', '--out', folder('plain')]);
  });

  it('that makes no sense is refused', async () => {
    const train = (...words: string[]) => refusal(['train', ...tiny, ...words, '--out', folder('never')]);
    expect(await train('--norm', 'rsm')).toContain("unknown --norm 'rsm': did you mean 'rms'?");
    expect(await train('--bottleneck', '-1')).toContain('--bottleneck is -1');
    expect(await train('--bottleneck', '2')).toContain('which narrows nothing in this run');
  });
});

describe('a budget of parameters', () => {
  it('chooses the widths, which the config then has', async () => {
    for (const family of ['stochastic-interpolant', 'vae']) {
      const words = ['--family', family, '--parameters', '20000', '--out', folder(family)];
      const { parameters } = await json<{ parameters: number }>(['train', ...tiny, ...words]);
      expect(Math.abs(parameters / 20_000 - 1)).toBeLessThan(0.05);
      const { hidden, inner } = configIn(family).network;
      expect(inner).toBe(2 * hidden);
    }
    // In proportions of its own.
    writeFileSync(folder('slim.json'), JSON.stringify({ network: { hidden: 40, inner: 20 } }));
    const slim = ['--config', folder('slim.json'), '--parameters', '20000', '--out', folder('slim')];
    await json(['train', ...tiny, ...slim]);
    const { hidden, inner } = configIn('slim').network;
    expect(inner / hidden).toBeCloseTo(0.5, 1);
  });

  it('is refused where there is no such width, or widths are given', async () => {
    const train = (...words: string[]) => refusal(['train', ...tiny, ...words, '--out', folder('never')]);
    expect(await train('--parameters', '10')).toMatch(/no width of about 10 parameters .*nearest, hidden 1/);
    expect(await train('--parameters', '20000', '--hidden', '8')).toContain('leave --hidden');
    expect(await train('--parameters', '1.5')).toContain('--parameters is 1.5; it must be a whole number');
    expect(await refusal(['study', '--parameters', 'vaee', '--out', folder('never')])).toContain(
      "did you mean 'vae'",
    );
    expect(
      await refusal(['study', '--parameters', '9', '--hidden', '8', '--out', folder('never')]),
    ).toContain('leave --hidden out');
  });

  it('makes the families of a study equal, and the study says so', async () => {
    const sizes = ['--steps', '2', '--batch', '8', '--samples', '16', '--seeds', '1', '--data', 'moons'];
    const words = [
      '--families',
      'flow-matching,sf2m,iwae',
      '--no-baselines',
      '--parameters',
      'flow-matching',
    ];
    const { runs, settings } = await json<{
      runs: { family: string; parameters: number }[];
      settings: { parameters: number };
    }>(['study', ...sizes, ...words, '--out', folder('study')]);
    expect(runs).toHaveLength(3);
    expect(runs[0].parameters).toBe(settings.parameters);
    for (const { parameters } of runs)
      expect(Math.abs(parameters / settings.parameters - 1)).toBeLessThan(0.05);
    const table = readFileSync(folder('study/table.md'), 'utf8');
    expect(table).toContain('parameters a family take, within 5 %');
  });

  it('is told of each family at its usual widths', async () => {
    const { stdout } = await command(['families', 'vae']);
    const [, count] = /parameters +(\d+) at the usual widths/.exec(stdout) ?? [];
    const out = ['--out', folder('usual')];
    const { parameters } = await json<{ parameters: number }>(['train', ...tiny, '--family', 'vae', ...out]);
    expect(parameters).toBe(Number(count));
    const listed = JSON.parse((await command(['families', 'vae', '--json'])).stdout);
    expect(listed[0].parameters).toBe(parameters);
  });
});
