/** The package as somebody installs it: what is packed runs on the declared dependencies alone. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'vite';
import { expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { emptyButTypes } from '../scripts/empty_plugin.js';
import config from '../vite.config.js';
import { temporaryFolder } from './cli/run.js';

const run = promisify(execFile);
const folder = temporaryFolder();

/** The package's name of an import: `@a/b/c` is of `@a/b`. */
const packageOf = (name: string) =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');

const IMPORT = /^(?:import|export)\b[^;]*?["']([^"'\n]+)["'];$|\bimport\(["']([^"'\n]+)["']\)/gm;

const isBuiltin = (name: string) => name.startsWith('node:') || builtinModules.includes(name);

/** Copies a package and those it depends on, as an installer would. */
function install(name: string): void {
  const to = folder(join('node_modules', name));
  if (existsSync(to)) return;
  mkdirSync(join(to, '..'), { recursive: true });
  cpSync(resolve('node_modules', name), to, { recursive: true });
  const { dependencies = {} } = JSON.parse(readFileSync(join(to, 'package.json'), 'utf8'));
  for (const dependency of Object.keys(dependencies)) install(dependency);
}

it('every import of the built package is declared', () => {
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const files = ['bin/tributary.js', ...readdirSync('dist').map((name) => `dist/${name}`)];
  const found = new Set<string>();
  for (const file of files.filter((name) => name.endsWith('.js'))) {
    const code = readFileSync(file, 'utf8');
    for (const [, fixed, lazy] of code.matchAll(IMPORT)) {
      const name = fixed ?? lazy;
      if (!name.startsWith('.') && !isBuiltin(name)) found.add(packageOf(name));
    }
  }
  expect([...found].filter((name) => !declared.includes(name))).toEqual([]);
  // The pattern has found what is known to be there.
  expect([...found]).toEqual(
    expect.arrayContaining(['commander', 'sirv', 'three', 'puppeteer', '@puppeteer/browsers']),
  );
});

it('it runs where nothing but its dependencies is installed', async () => {
  const own = folder('node_modules/tributary-engine');
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']);
  const packed = (JSON.parse(stdout) as { files: { path: string }[] }[])[0].files.map(({ path }) => path);
  expect(packed).toContain('dist/index.js');
  expect(packed.filter((path) => /^(src|test|scripts|bench|node_modules|docs)\//.test(path))).toEqual([]);
  for (const path of packed) {
    mkdirSync(join(own, path, '..'), { recursive: true });
    cpSync(path, join(own, path));
  }
  for (const name of Object.keys(manifest.dependencies)) install(name);
  writeFileSync(folder('package.json'), '{ "type": "module" }');
  const program = `import { createEngine } from 'tributary-engine'; const engine = await createEngine({ threads: 1 }); console.log(engine.name); engine.destroy();`;
  const imported = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: folder() });
  expect(imported.stdout).toBe('cpu\n');
  const help = await run(process.execPath, [join(own, manifest.bin.tributary), '--help'], { cwd: folder() });
  expect(help.stdout).toMatch(/^Usage: tributary /);
});

it('building the program keeps the declarations', async () => {
  mkdirSync(folder('built/types'), { recursive: true });
  writeFileSync(folder('built/types/index.d.ts'), '');
  writeFileSync(folder('built/old-1234.js'), '');
  writeFileSync(folder('index.js'), 'export const river = 1;');
  expect(config.plugins).toContainEqual(expect.objectContaining({ name: 'empty-but-types' }));
  await build({
    ...{ configFile: false, root: folder(), logLevel: 'error', plugins: [emptyButTypes()] },
    build: { outDir: 'built', lib: { entry: folder('index.js'), formats: ['es'], fileName: 'index' } },
  });
  const names = readdirSync(folder('built'));
  expect(names).toContain('types');
  expect(names).toContain('index.js');
  expect(names).not.toContain('old-1234.js');
  expect(statSync(folder('built/types/index.d.ts')).isFile()).toBe(true);
});
