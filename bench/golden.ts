import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { main } from '../src/cli/main.js';
import { familyNames } from '../src/families/registry.js';
import { type Digests, digestsOfTraining, KINDS } from '../test/golden/recipe.js';

/**
 * The golden runs on an adapter: `npm run bench:golden -- FILE` writes their digests, or where the file is there
 * compares with them. Bits differ from adapter to adapter, so both are to be made on one machine, before a change and
 * after it.
 */

async function run(words: readonly string[]): Promise<void> {
  const code = await main(words);
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}`);
}

export default async function golden(words: readonly string[]): Promise<void> {
  const file = words.find((word) => word.endsWith('.json'));
  if (file === undefined) throw new Error('give a .json file to write the digests to, or to compare with');
  const all: Record<string, Digests> = {};
  for (const family of familyNames)
    for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[])
      all[`${family} ${kind}`] = await digestsOfTraining(run, family, kind, ['--backend', 'webgpu']);
  if (!existsSync(file)) {
    writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
    return;
  }
  const before: Record<string, Digests> = JSON.parse(readFileSync(file, 'utf8'));
  const other = Object.entries(before).flatMap(([name, digests]) =>
    Object.keys(digests)
      .filter((tensor) => all[name]?.[tensor] !== digests[tensor])
      .map((tensor) => `${name}: ${tensor}`),
  );
  console.log(
    other.length === 0
      ? `${Object.keys(before).length} runs, the same bits`
      : `other bits:\n${other.join('\n')}`,
  );
  if (other.length > 0) process.exitCode = 1;
}
