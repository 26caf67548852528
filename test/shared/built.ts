/** Builds that are made again only when what goes into them, or what came out of them, has changed. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'vite';

/** What every build hangs on, beside its own sources: the tools, and how they are told to work. */
const TOOLS = [
  ...[
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'vite.config.ts',
    'node_modules/.package-lock.json',
  ],
  ...['scripts', 'shaders', 'src'],
];

/** Where it is remembered what a folder was built from. */
const stampOf = (folder: string) =>
  join('node_modules/.cache/tributary', `${folder.replaceAll('/', '-')}.txt`);

function* filesOf(path: string): Generator<string> {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) yield path;
  else for (const name of readdirSync(path).sort()) yield* filesOf(join(path, name));
}

/** SHA-256 of the names and contents of files and folders, but for what lies in `except`. */
export function digestOf(paths: readonly string[], except = ''): string {
  const hash = createHash('sha256').update(process.version);
  for (const path of paths)
    for (const file of filesOf(path)) {
      if (except !== '' && file.startsWith(`${except}/`)) continue;
      const content = readFileSync(file);
      hash.update(`${file}\0${content.length}\0`).update(content);
    }
  return hash.digest('hex');
}

/**
 * Builds `folder`, unless it holds what the last build made of the very same files.
 * @param sources files and folders that go into it beside the library's
 */
export async function built(
  folder: string,
  configFile: string,
  sources: readonly string[] = [],
): Promise<void> {
  const stamp = () => `${digestOf([...TOOLS, ...sources], folder)} ${digestOf([folder])}`;
  const file = stampOf(folder);
  if (existsSync(file) && readFileSync(file, 'utf8') === stamp()) return;
  await build({ configFile, logLevel: 'error' });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, stamp());
}
