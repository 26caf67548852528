import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/formats/safetensors.js';
import { modelConfig } from '../../src/run/trained.js';
import { temporaryFolder, tributary } from './run.js';

const folder = temporaryFolder();
const DRAW = ['--n', '50', '--steps', '4', '--seed', '3'];

/** The model's tensors with another config, or none. */
function withConfig(config: string | null): Uint8Array {
  const { tensors } = decodeSafetensors(readFileSync(folder('run/model.safetensors')), 'model');
  return encodeSafetensors(
    [...tensors].map(([name, tensor]) => ({ name, ...tensor })),
    { format: 'tributary', step: '20', ...(config === null ? {} : { config }) },
  );
}

beforeAll(async () => {
  const options = ['--data', 'moons', '--conditional', '--steps', '20', '--batch', '32', '--hidden', '8'];
  const { code, stderr } = await tributary(['train', ...options, '--out', folder('run')]);
  expect(stderr).not.toMatch(/error/i);
  expect(code).toBe(0);
});

describe('a model’s file on its own', () => {
  it('carries the config of its run, and gives the samples of its run', async () => {
    const bytes = readFileSync(folder('run/model.safetensors'));
    expect(modelConfig(bytes, 'model')).toEqual(JSON.parse(readFileSync(folder('run/config.json'), 'utf8')));
    mkdirSync(folder('elsewhere'));
    copyFileSync(folder('run/model.safetensors'), folder('elsewhere/moons.safetensors'));
    const whole = await tributary(['sample', folder('run'), ...DRAW, '--out', folder('whole.npy')]);
    expect(whole.code).toBe(0);
    const alone = await tributary(['sample', folder('elsewhere/moons.safetensors'), ...DRAW]);
    expect(alone.stdout).toMatch(/^50 samples in .*elsewhere.samples\.npy/);
    expect(alone.code).toBe(0);
    for (const ending of ['npy', 'labels.npy'])
      expect(readFileSync(folder(`elsewhere/samples.${ending}`))).toEqual(
        readFileSync(folder(`whole.${ending}`)),
      );
  });

  it.each([
    [
      'no-config',
      () => withConfig(null),
      /no-config\.safetensors carries no config; give the folder of its run/,
    ],
    ['not-json', () => withConfig('{'), /the config in .*not-json\.safetensors is not JSON/],
    [
      'not-a-config',
      () => withConfig('{"format":7}'),
      /not-a-config\.safetensors: config format is 7; this version reads/,
    ],
    ['hollow', () => withConfig('{"format":1}'), /hollow\.safetensors/],
    ['cut', () => withConfig(null).slice(0, 300), /cut\.safetensors: .*cut off/],
    ['missing', null, /missing\.safetensors/],
  ] as const)('one line for %s', async (name, bytes, message) => {
    const file = folder(`${name}.safetensors`);
    if (bytes !== null) writeFileSync(file, bytes());
    const { code, stderr } = await tributary(['sample', file, ...DRAW, '--out', folder(`${name}.npy`)]);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(existsSync(folder(`${name}.npy`))).toBe(false);
  });

  it('of a network of another shape than its config says is refused', async () => {
    const config = JSON.parse(readFileSync(folder('run/config.json'), 'utf8'));
    const wider = { ...config, network: { ...config.network, hidden: 16 } };
    writeFileSync(folder('wider.safetensors'), withConfig(JSON.stringify(wider)));
    const { code, stderr } = await tributary(['sample', folder('wider.safetensors'), ...DRAW]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/wider\.safetensors: tensor .* the config says/);
  });
});
