/** The package's types, as somebody meets them who has installed nothing else and lets the compiler check everything. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const run = promisify(execFile);
const TSC = resolve('node_modules/typescript/bin/tsc');

const PROGRAM = `import { createEngine, type Engine } from 'tributary';
const engine: Engine = await createEngine();
const wrong: number = engine.device;
`;

it('the declarations need nothing that the package does not bring along', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-types-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const own = join(folder, 'node_modules/tributary');
  await run(process.execPath, [TSC, '-p', 'tsconfig.build.json', '--outDir', join(own, 'dist/types')]);
  cpSync('package.json', join(own, 'package.json'));
  const { dependencies } = (await import('../package.json', { with: { type: 'json' } })).default;
  for (const name of Object.keys(dependencies)) {
    mkdirSync(join(folder, 'node_modules', name, '..'), { recursive: true });
    cpSync(resolve('node_modules', name), join(folder, 'node_modules', name), { recursive: true });
  }
  writeFileSync(join(folder, 'program.ts'), PROGRAM);
  const compilerOptions = {
    ...{ noEmit: true, strict: true, skipLibCheck: false, types: [], lib: ['es2023', 'dom'] },
    ...{ target: 'es2022', module: 'esnext', moduleResolution: 'bundler' },
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  const said = await run(process.execPath, [TSC, '-p', folder], { cwd: folder }).then(
    () => '',
    ({ stdout }) => String(stdout),
  );
  // What is wrong in the program, and nothing else.
  expect(said.trim().split('\n')).toEqual([
    "program.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.",
  ]);
});
