import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { familyNames } from '../../src/families/registry.js';
import { command } from '../cli/in_process.js';
import { digestsOfSamples, digestsOfTraining, KINDS } from './recipe.js';

/**
 * Every family trained, sampled and asked for log p, to the bit. A rebuild leaves these as they are; a change of results
 * is wanted, measured over seeds and named in CHANGELOG, and only then comes with new digests (`vitest -u`).
 */

async function run(words: readonly string[]): Promise<void> {
  const { code, stderr } = await command(words);
  if (code !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
}

const asText = (digests: object): string => `${JSON.stringify(digests, null, 2)}\n`;

describe.each(familyNames)('%s', (family) => {
  test.each(Object.keys(KINDS) as (keyof typeof KINDS)[])('%s, to the bit', async (kind) => {
    const digests = await digestsOfTraining(run, family, kind);
    await expect(asText(digests)).toMatchFileSnapshot(`digests/${family}-${kind}.json`);
  });
});

describe('folders that were written before', async () => {
  const FOLDERS = join(import.meta.dirname, 'folders');
  const names = await readdir(FOLDERS);
  test.each(names)('%s opens, and gives what it gave', async (name) => {
    const into = await mkdtemp(join(tmpdir(), 'golden-'));
    try {
      const guidance = name.endsWith('-conditional') ? KINDS.conditional.sample : [];
      const digests = await digestsOfSamples(run, join(FOLDERS, name), into, guidance);
      await expect(asText(digests)).toMatchFileSnapshot(`digests/folders/${name}.json`);
    } finally {
      await rm(into, { recursive: true });
    }
  });
});
