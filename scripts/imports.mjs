/** Data flows one way: holds every import of src/ and demo/ to the order of rooms below. `node scripts/imports.mjs` */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** The folders and single files of src/, each after all that it may import. CONTRIBUTING.md says what each is. */
export const ROOMS = [
  'errors.ts',
  'suggest.ts',
  'settings.ts',
  'settings_help.ts',
  'random',
  'transport',
  'backend',
  'data',
  'baselines',
  'interpolant',
  'formats',
  'cpu',
  'webgpu',
  'engine.ts',
  'nn',
  'model',
  'samplers',
  'likelihood',
  'three',
  'train',
  'families',
  'run',
  'metrics',
  'report',
  'verify',
  'study',
  'cli',
  'index.ts',
];

/** Rooms that may use Node: everything else runs in a page as well. */
const NODE = ['cpu', 'webgpu', 'engine.ts', 'cli'];

/** three.js is drawn with alone: the rest is used where it is not installed. */
const LAST = ['three'];

const inside = (path) => !path.startsWith('..');

/** The entry of the list that a path under src/ belongs to. */
const roomOf = (path) => path.split(sep)[0].replace(/\.js$/, '.ts');

/**
 * What is wrong with the imports of a file, a line each.
 * @param root the project's folder
 * @param file relative to it
 * @param text its source
 */
export function wrongImports(root, file, text) {
  const path = relative('src', file);
  const own = inside(path) ? roomOf(path) : null;
  if (own !== null && !ROOMS.includes(own))
    return [`${file}: add src/${own} to the rooms in scripts/imports.mjs`];
  return ts.preProcessFile(text, true, true).importedFiles.flatMap(({ fileName }) => {
    if (fileName.startsWith('node:'))
      return own === null || NODE.includes(own)
        ? []
        : [`${file}: ${fileName} is Node's alone; files and processes belong to src/cli`];
    if (!fileName.startsWith('.')) return [];
    const target = relative(join(root, 'src'), resolve(root, dirname(file), fileName));
    if (own === null)
      return inside(target)
        ? [`${file}: the page imports only tributary-engine and tributary-engine/three`]
        : [];
    if (!inside(target)) return [];
    const room = roomOf(target);
    if (!ROOMS.includes(room)) return [`${file}: ${fileName} is in no room of scripts/imports.mjs`];
    const wrong = ROOMS.indexOf(room) > ROOMS.indexOf(own) || (LAST.includes(room) && room !== own);
    return wrong
      ? [
          `${file}: data flows one way: src/${own} may only import what stands before it, and src/${room} does not`,
        ]
      : [];
  });
}

const sources = (root, folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, name))
    .filter((name) => /\.(ts|tsx|mjs|js)$/.test(name) && !name.includes('assembly'));

/** @param root the project's folder */
export function wrongImportsOf(root) {
  const files = [...sources(root, 'src'), ...sources(root, 'demo/src')];
  return files.flatMap((file) => wrongImports(root, file, readFileSync(join(root, file), 'utf8')));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wrong = wrongImportsOf('.');
  for (const line of wrong) console.error(line);
  if (wrong.length > 0) process.exitCode = 1;
}
