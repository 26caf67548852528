/** What cannot be asked of a family without a path: one line that says what would be right, exit 2. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command, json } from './in_process.js';

const root = mkdtempSync(join(tmpdir(), 'tributary-latent-'));
const run = join(root, 'run');
const tiny = ['--data', 'moons', '--steps', '4', '--batch', '16', '--hidden', '4'];

beforeAll(async () => {
  const words = ['train', '--family', 'iwae', '--set', 'latent=1', ...tiny, '--out', run];
  expect((await command(words)).code).toBe(0);
});
afterAll(() => rmSync(root, { recursive: true }));

describe('a family with latents', () => {
  it.each<[string, RegExp]>([
    ['sample RUN --solver heun', /no solver to choose: leave --solver out/],
    ['sample RUN --guidance 2', /no solver to choose: leave --guidance out/],
    ['sample RUN --frames 3', /keeps no frames: leave --frames out/],
    ['likelihood RUN --method exact', /unknown method 'exact'; valid names are importance/],
    ['likelihood RUN --probes 3', /--probes does nothing with --method importance/],
    ['likelihood RUN --guidance 2', /--guidance does nothing with --method importance/],
    ['train --family vae --base moons', /takes no base/],
    ['train --family vae --set latnt=3', /unknown key "settings.latnt": did you mean "latent"\?/],
    ['train --family vae --set latent=0', /--set latent is 0; it must be a whole number from 1/],
    ['train --family vae --set latent', /must read NAME=VALUE/],
    ['train --family vae --set path=linear', /unknown key "settings.path"; valid keys are latent/],
    ['train --family hvae --base moons', /hvae begins at latents of its own and takes no base/],
    [
      'train --family hvae --set prior=vampire',
      /unknown --set prior 'vampire': did you mean 'vamp'|unknown .*prior 'vampire'/,
    ],
    ['train --family hvae --set components=0', /--set components is 0; it must be a whole number from 1/],
    ['train --family vae --set variance=analytc', /did you mean 'analytic'/],
    ['train --family vae --set proposals=3', /unknown key "settings.proposals"/],
    ['train --family ncp-vae --set proposals=0', /--set proposals is 0; it must be a whole number from 1/],
    ['train --family ncp-vae --set proposals=1.5', /--set proposals is 1.5; it must be a whole number/],
    ['families vae --markdown', /--markdown is the page of all families/],
    ['families vea', /unknown family 'vea': did you mean 'vae'/],
  ])('%s is refused, and nothing is written', async (words, message) => {
    const out = join(root, words.startsWith('sample') ? 'refused.npy' : 'refused');
    const own = words.split(' ').map((word) => (word === 'RUN' ? run : word));
    const { code, stdout, stderr } = await command(
      own[0] === 'families' ? own : [...own, ...(own[0] === 'likelihood' ? [] : ['--out', out])],
    );
    expect(stderr.trim().split('\n'), stderr).toHaveLength(1);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(existsSync(out)).toBe(false);
  });

  it('says the kind of its likelihood, and its k', async () => {
    const said = await json(['likelihood', run, '--n', '20', '--steps', '7']);
    expect(said).toMatchObject({ kind: 'bound', side: 'lower', method: 'importance', samples: 7 });
  });

  it.each([
    ['hvae', 'prior=vamp', 'components=5'],
    ['ncp-vae', 'prior=vamp', 'components=200', 'proposals=3'],
    ['vae', 'prior=mixture', 'variance=analytic'],
  ])('%s with %s goes through the commands, conditional', async (family, ...settings) => {
    const out = join(root, family);
    const set = settings.flatMap((setting) => ['--set', setting]);
    const train = [
      'train',
      '--family',
      family,
      ...set,
      ...tiny,
      '--conditional',
      '--rows',
      '50',
      '--out',
      out,
    ];
    const made = await command(train);
    expect(made.code, made.stderr).toBe(0);
    const file = join(out, 'samples.npy');
    expect((await command(['sample', out, '--n', '12', '--label', '1', '--out', file])).code).toBe(0);
    expect(existsSync(file)).toBe(true);
    const likelihood = await json(['likelihood', out, '--n', '10', '--steps', '3']);
    expect(likelihood).toMatchObject({ kind: 'bound', samples: 3 });
    const evaluation = await json(['evaluate', out, '--n', '40']);
    expect(Object.keys(evaluation.metrics as object)).toContain('frechet');
  });
});
