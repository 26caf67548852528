import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeTrainingState } from '../../src/train/checkpoint.js';
import { command } from './in_process.js';
import { temporaryFolder, tributary } from './run.js';

const folder = temporaryFolder();
const tiny = ['--steps', '4', '--batch', '8', '--hidden', '4'];

/**
 * Exit code 2, nothing on stdout, one line on stderr that matches. In this process: a shell has the same, which
 * `refusals.test.ts` holds it to.
 */
async function refused(
  args: readonly string[],
  message: RegExp,
  run: (
    words: readonly string[],
  ) => Promise<{ code: number | null; stdout: string; stderr: string }> = command,
): Promise<void> {
  const { code, stdout, stderr } = await run(args);
  expect(stderr).toMatch(message);
  const lines = stderr.trim().split('\n');
  expect(lines, stderr).toHaveLength(1);
  expect(lines[0]).toMatch(/^tributary: /);
  expect(stdout).toBe('');
  expect(code).toBe(2);
}

beforeAll(async () => {
  expect((await tributary(['train', ...tiny, '--out', folder('run')])).code).toBe(0);
});

describe('wrong usage: one line, exit 2', () => {
  it.each<[string, string[], RegExp]>([
    ['an unknown command', ['trian'], /unknown command 'trian'.*Did you mean train/i],
    ['an unknown option', ['train', '--stpes', '3'], /unknown option '--stpes'.*Did you mean --steps/i],
    [
      'an unknown family',
      ['train', '--family', 'flow-matchng'],
      /unknown family.*did you mean 'flow-matching'/,
    ],
    ['an unknown data set', ['train', '--data', 'coridor'], /unknown distribution.*did you mean 'corridor'/],
    [
      'an unknown backend',
      ['train', ...tiny, '--backend', 'cpuu', '--out', 'x'],
      /backend 'cpuu'.*did you mean 'cpu'/,
    ],
    ['zero steps', ['train', '--steps', '0'], /--steps.*whole number, 1 or more/],
    ['a negative batch', ['train', '--batch', '-3'], /--batch.*whole number/],
    ['words for numbers', ['train', '--steps', 'many'], /--steps.*whole number/],
    [
      'a batch beyond what a config may hold',
      ['train', '--batch', '2000000'],
      /--batch is 2000000; it must be a whole number from 1 to 1048576/,
    ],
    ['a learning rate of 0', ['train', '--learning-rate', '0'], /learning-rate.*above 0/],
    ['resume without a folder', ['train', '--resume'], /--resume needs --out/],
    ['resume where nothing is', ['train', '--resume', '--out', folder('nothing')], /holds no run/],
    [
      'labels where there are none',
      ['train', '--data', 'gaussian', '--conditional'],
      /no labels to condition on/,
    ],
    ['an excess argument', ['train', 'corridor'], /too many arguments/],
    ['no folder to sample from', ['sample'], /missing required argument/],
    ['zero samples', ['sample', folder('run'), '--n', '0'], /--n.*1 or more/],
    ['an unknown solver', ['sample', folder('run'), '--solver', 'rk5'], /unknown solver.*did you mean 'rk4'/],
    ['an unknown file type', ['sample', folder('run'), '--out', 'a.xyz'], /a\.xyz.*\.npy|\.npy.*a\.xyz/],
    ['a label for an unconditional model', ['sample', folder('run'), '--label', '1'], /knows no labels/],
    ['a missing config file', ['train', '--config', folder('none.json')], /none\.json cannot be read/],
    ['a folder that is a file', ['train', ...tiny, '--out', '/dev/null/x'], /\/dev\/null\/x/],
    ['an unwritable folder', ['train', ...tiny, '--out', '/proc/tributary'], /\/proc\/tributary/],
  ])('%s', async (_, args, message) => {
    await refused(args, message);
  });

  it('a config file with a misspelt key', async () => {
    writeFileSync(folder('bad.json'), JSON.stringify({ optimizer: { learningrate: 1 } }));
    await refused(['train', '--config', folder('bad.json')], /optimizer\.learningrate.*learningRate/);
    writeFileSync(folder('worse.json'), '{"steps": ');
    await refused(['train', '--config', folder('worse.json')], /worse\.json cannot be read as JSON/);
    writeFileSync(folder('odd.json'), JSON.stringify({ network: { hidden: -1 } }));
    await refused(['train', '--config', folder('odd.json')], /hidden is -1/);
  });

  it('a missing, malformed, ragged or non-finite data file', async () => {
    await refused(['train', '--data', folder('none.npy')], /none\.npy/);
    writeFileSync(folder('broken.npy'), 'not numpy');
    await refused(['train', '--data', folder('broken.npy')], /broken\.npy/);
    writeFileSync(folder('word.csv'), '1,2\n3,four\n');
    await refused(['train', '--data', folder('word.csv')], /line 2.*four/);
    writeFileSync(folder('ragged.csv'), '1,2\n3\n');
    await refused(['train', '--data', folder('ragged.csv')], /line 2/);
    writeFileSync(folder('nan.csv'), '1,2\n3,nan\n');
    await refused(['train', '--data', folder('nan.csv')], /line 2/);
    writeFileSync(folder('empty.csv'), '');
    await refused(['train', '--data', folder('empty.csv')], /empty\.csv/);
  });
});

describe('nothing is lost', () => {
  it('a folder that holds another run is left alone', async () => {
    const before = readFileSync(folder('run/optimizer.safetensors'));
    await refused(['train', ...tiny, '--seed', '9', '--out', folder('run')], /holds another run.*--resume/);
    await refused(
      ['train', '--resume', '--steps', '9', '--out', folder('run')],
      /begun with --steps 4, not 9/,
    );
    await refused(['start', '--steps', '4', '--out', folder('run')], /holds another run.*--overwrite/);
    expect(readFileSync(folder('run/optimizer.safetensors'))).toEqual(before);
  });

  it('a run that cannot begin leaves the one it was to replace', async () => {
    const before = readFileSync(folder('run/model.safetensors'));
    writeFileSync(folder('gamma.json'), JSON.stringify({ interpolant: { gamma: 'quadratc' } }));
    const args = ['train', '--overwrite', '--out', folder('run')];
    await refused(
      [...args, '--config', folder('gamma.json')],
      /unknown interpolant gamma.*did you mean 'quadratic'/,
    );
    const { code } = await tributary([...args, '--batch', '16000000']);
    expect(code).not.toBe(0);
    expect(readFileSync(folder('run/model.safetensors'))).toEqual(before);
  });

  it('files of others are not replaced, nor a folder that another process trains in', async () => {
    mkdirSync(folder('foreign'));
    writeFileSync(folder('foreign/report.html'), 'mine');
    await refused(['start', '--steps', '4', '--out', folder('foreign')], /holds another run/);
    expect(readFileSync(folder('foreign/report.html'), 'utf8')).toBe('mine');
    mkdirSync(folder('busy'));
    writeFileSync(folder('busy/.lock'), `${process.pid}\n`);
    await refused(
      ['train', ...tiny, '--out', folder('busy')],
      new RegExp(`in use by process ${process.pid}`),
      // By another than the one that is named.
      tributary,
    );
    // A lock whose process is gone holds nobody up.
    writeFileSync(folder('busy/.lock'), '999999999\n');
    expect((await tributary(['train', ...tiny, '--out', folder('busy')])).code).toBe(0);
    expect(existsSync(folder('busy/.lock'))).toBe(false);
  });

  it('resuming with other data or labels is refused', async () => {
    const args = ['train', '--resume', '--out', folder('run')];
    await refused([...args, '--data', 'moons'], /begun with --data corridor, not moons/);
    await refused([...args, '--conditional'], /begun with --conditional false, not true/);
  });

  it('points without a usable spread, and labels beyond all measure, are refused', async () => {
    writeFileSync(folder('huge.csv'), '1e200,0\n-1e200,1\n0,3e200\n');
    await refused(['train', '--data', folder('huge.csv'), '--out', folder('huge')], /rescale/);
    writeFileSync(folder('sparse.csv'), 'x,y,label\n1,2,0\n3,4,4000000\n');
    await refused(
      ['train', '--data', folder('sparse.csv'), '--out', folder('sparse')],
      /label of row 2 is 4000000/,
    );
  });

  it('a truncated or foreign checkpoint is refused and kept', async () => {
    mkdirSync(folder('damaged'));
    writeFileSync(folder('damaged/config.json'), readFileSync(folder('run/config.json')));
    const good = readFileSync(folder('run/optimizer.safetensors'));
    const damages: [Buffer, RegExp][] = [
      [good.subarray(0, good.length - 9), /optimizer\.safetensors/],
      [good.subarray(0, 5), /optimizer\.safetensors/],
      [Buffer.concat([Buffer.from([255, 255, 255, 255, 255, 255, 255, 127]), good.subarray(8)]), /header/],
      [readFileSync(folder('run/model.safetensors')), /./],
    ];
    for (const [content, message] of damages) {
      writeFileSync(folder('damaged/optimizer.safetensors'), content);
      await refused(['train', '--resume', '--out', folder('damaged')], message);
      expect(readFileSync(folder('damaged/optimizer.safetensors'))).toEqual(content);
    }
    writeFileSync(folder('damaged/model.safetensors'), good);
    await refused(['sample', folder('damaged')], /model\.safetensors/);
    writeFileSync(folder('damaged/config.json'), '{"format": 1, "family": "flow-matching"}');
    await refused(['sample', folder('damaged')], /config\.json/);
  });

  it('training data that changed are noticed', async () => {
    writeFileSync(folder('data.csv'), '1,2\n3,4\n5,7\n');
    const out = folder('own');
    expect((await tributary(['train', ...tiny, '--data', folder('data.csv'), '--out', out])).code).toBe(0);
    writeFileSync(folder('data.csv'), '1,2\n3,4\n5,8\n');
    await refused(['train', '--resume', '--out', out], /have changed/);
  });

  it('a divergence stops with its step, exit 1, and keeps the last good checkpoint', async () => {
    const out = folder('diverged');
    const config = {
      optimizer: { clip: 0, warmup: 40, decay: 'constant', learningRate: 9 },
      steps: 400,
      batch: 8,
    };
    writeFileSync(
      folder('wild.json'),
      JSON.stringify({ ...config, network: { hidden: 8, inner: 8, blocks: 6 } }),
    );
    const args = ['train', '--config', folder('wild.json'), '--checkpoint-every', '2', '--out', out];
    const { code, stderr } = await tributary(args);
    expect(stderr).toMatch(
      /(loss of|after) step \d+ (is|are) (NaN|Infinity|not finite).*last good checkpoint, step \d+, is kept/,
    );
    expect(code).toBe(1);
    // Decoding refuses numbers that are not finite.
    const kept = decodeTrainingState(readFileSync(`${out}/optimizer.safetensors`), 'kept');
    expect(stderr).toContain(`step ${kept.step}, is kept`);
    const named = Number(/step (\d+)/.exec(stderr.split('tributary: ')[1])?.[1]);
    expect(kept.step).toBeLessThan(named);
  });

  it('samples are not written over a failed run of the sampler', async () => {
    writeFileSync(folder('keep.csv'), 'mine\n');
    await refused(['sample', folder('run'), '--n', '-1', '--out', folder('keep.csv')], /--n/);
    expect(readFileSync(folder('keep.csv'), 'utf8')).toBe('mine\n');
    chmodSync(folder('keep.csv'), 0o600);
    expect(existsSync(folder('nothing'))).toBe(false);
  });
});
