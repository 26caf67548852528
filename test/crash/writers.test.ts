import fs, { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** What changes files, of Node's. */
const CHANGES = Object.keys({ ...fs, ...fs.promises }).filter((name) =>
  /^(write|append|copy|cp|truncate|ftruncate|link|symlink|unlink|rm|rmdir|mkdir|mkdtemp|rename|open|createWrite|[fl]?chmod|[fl]?chown|[fl]?utimes|fsync|fdatasync|WriteStream|FileWriteStream|promises)/.test(
    name,
  ),
);

/** The files of src/cli, and what each takes of Node's that changes files, as far as its text tells. */
function writersOf(source: string): string[] {
  const taken = /import\s*(?:type\s+)?{([^}]*)}\s*from\s*'(?:node:)?fs(?:\/promises)?'/g;
  const named = [...source.matchAll(taken)].flatMap(([, names]) =>
    names.split(',').map((name) => name.trim()),
  );
  const members = [...source.matchAll(/\b(?:fs|promises)\s*\.\s*(\w+)/g)].map(([, name]) => name);
  const hidden = [...source.matchAll(/getBuiltinModule|createRequire|import\(\s*'(?:node:)?fs/g)].map(
    ([name]) => name,
  );
  return [...named, ...members].filter((name) => CHANGES.includes(name.split(' ')[0])).concat(hidden);
}

it('nothing under src/cli changes a file but files.ts, where a test sees all of it', () => {
  const files = (readdirSync('src/cli', { recursive: true }) as string[]).filter((name) =>
    name.endsWith('.ts'),
  );
  const writers = files.flatMap((name) => {
    const found = writersOf(readFileSync(join('src/cli', name), 'utf8'));
    return found.length > 0 ? [[name, ...new Set(found)]] : [];
  });
  expect(writers.map(([name]) => name)).toEqual(['files.ts']);
  // The calls that the tests of killed runs count, and no others.
  expect(writers[0].slice(1).sort()).toEqual(
    ['openSync', 'writeSync', 'fsyncSync', 'renameSync', 'unlinkSync', 'mkdirSync'].sort(),
  );
});

it('sees the ways in which a file might', () => {
  expect(writersOf("import { existsSync, writeFileSync as put } from 'node:fs';")).toHaveLength(1);
  expect(writersOf("import fs from 'node:fs'; fs.createWriteStream(x)")).toEqual(['createWriteStream']);
  expect(writersOf("import { promises } from 'fs'; promises.rm(x)")).toHaveLength(2);
  expect(writersOf("const { rm } = process.getBuiltinModule('node:fs');")).toEqual(['getBuiltinModule']);
  expect(writersOf("import { existsSync } from 'node:fs'; folder.write('x')")).toEqual([]);
});
