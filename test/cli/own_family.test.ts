/** A module of somebody's own in the place of a family's name, in every command that takes one. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { tributary } from './run.js';

const root = mkdtempSync(join(tmpdir(), 'tributary-own-'));
afterAll(() => rmSync(root, { recursive: true }));

const own = resolve('examples/own-family/energy_score.js');
const run = join(root, 'run');
const tiny = ['--steps', '6', '--batch', '16'];
const network = ['--hidden', '4'];

/** In a process of its own: a module that was loaded once stays. */
async function succeeds(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await tributary(words);
  expect(code, stderr).toBe(0);
  return stdout;
}

async function fails(...words: string[]): Promise<string> {
  const { code, stderr } = await tributary(words);
  expect(code, stderr).toBe(2);
  expect(stderr.trim().split('\n'), stderr).toHaveLength(1);
  return stderr;
}

describe('a family of your own', () => {
  it('is trained, sampled, judged and verified like every other', async () => {
    expect(await succeeds('families', own)).toContain('Bouchacourt');
    expect(await succeeds('families', own, '--json')).toContain('"latent"');
    await succeeds(
      'train',
      '--family',
      own,
      '--set',
      'latent=2',
      '--data',
      'moons',
      ...tiny,
      ...network,
      '--out',
      run,
    );
    expect(JSON.parse(readFileSync(join(run, 'config.json'), 'utf8'))).toMatchObject({
      family: 'energy-score',
      settings: { latent: 2 },
    });
    const { command } = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8'));
    expect(command).toContain(`--family ${own}`);
    await succeeds('sample', run, '--n', '20', '--family', own);
    const judged = JSON.parse(await succeeds('evaluate', run, '--n', '50', '--family', own, '--json'));
    expect(judged).toMatchObject({ family: 'energy-score' });
    expect(judged.metrics.frechet.baselines).toHaveProperty('kde');
    expect(judged.command).toContain(`--family ${own}`);
    expect(await fails('likelihood', run, '--n', '20', '--family', own)).toMatch(
      /energy-score has no density/,
    );
  });

  it('stands in a study and in a report', async () => {
    const study = join(root, 'study');
    const sizes = ['--seeds', '1', '--samples', '100', '--hidden', '4', '--data', 'moons', '--rows', '60'];
    const table = await succeeds(
      'study',
      '--families',
      `${own},flow-matching`,
      ...tiny,
      ...sizes,
      '--out',
      study,
    );
    for (const name of ['energy-score', 'flow-matching', 'training-set', 'gaussian', 'kde', 'gmm'])
      expect(table).toMatch(new RegExp(`^\\| ${name} `, 'm'));
    const out = join(root, 'start');
    await succeeds(
      'start',
      '--family',
      own,
      '--steps',
      '2',
      '--data',
      'moons',
      '--samples',
      '100',
      '--out',
      out,
    );
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('What a model without a network scores');
  });

  it('is loaded only where a command names it', async () => {
    expect(await fails('sample', run)).toMatch(/unknown family 'energy-score'.*--family \.\/mine\.js/);
    expect(await fails('evaluate', run)).toMatch(/unknown family 'energy-score'/);
  });

  it.each<[string, string, RegExp]>([
    ['nothing', '', /exports no family; it must say: export default defineFamily/],
    ['what cannot be read', 'export default {', /cannot be loaded: /],
    ['what throws', 'throw new Error("not today")', /cannot be loaded: not today/],
    [
      'half a family',
      'export default { name: "half", summary: "half of one" }',
      /model of the family half is missing/,
    ],
    [
      'a built-in name',
      'export default { name: "edm", summary: "x", model() {}, stages() {}, generator() {} }',
      /edm is that of a built-in/,
    ],
  ])('a module with %s is refused in one line', async (_, text, message) => {
    const file = join(root, 'wrong.mjs');
    writeFileSync(file, text);
    const out = join(root, 'refused');
    expect(await fails('train', '--family', file, '--out', out)).toMatch(message);
    expect(existsSync(out)).toBe(false);
  });

  it('a module that is not there is refused', async () => {
    expect(await fails('train', '--family', './none.js', '--out', join(root, 'refused'))).toMatch(
      /there is no file .*none\.js/,
    );
  });
});
