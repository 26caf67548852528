/** The package's types, as somebody meets them who has installed nothing else and lets the compiler check everything. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);

/** Of these the last two know WebGPU themselves; 5.9 is the one that the project is built with. */
const COMPILERS = ['typescript', 'typescript-6', 'typescript-7'];

const tsc = (compiler: string) => resolve('node_modules', compiler, 'bin/tsc');

/** Each has one mistake, so that what the compiler says shows that it looked. */
const PROGRAM = `import { createEngine, type Engine } from 'tributary-engine';
const engine: Engine = await createEngine();
const wrong: number = engine.device;
`;
const SCENE = `import { createEngine } from 'tributary-engine';
import { isGpuEngine } from 'tributary-engine/three';
const adapter = await navigator.gpu.requestAdapter();
const engine = await createEngine({ device: await adapter!.requestDevice(), powerPreference: 'low-power' });
if (isGpuEngine(engine)) {
  const device: GPUDevice = engine.gpu;
  device.createBuffer({ size: 4, usage: 128 });
  const wrong: number = engine.gpu;
}
`;

const folder = mkdtempSync(join(tmpdir(), 'tributary-types-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As npm would: a package with those that it depends on. */
function install(name: string): void {
  const from = resolve('node_modules', name);
  const to = join(folder, 'node_modules', name);
  if (existsSync(to) || !existsSync(from)) return;
  mkdirSync(join(to, '..'), { recursive: true });
  cpSync(from, to, { recursive: true });
  const { dependencies = {} } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
  for (const dependency of Object.keys(dependencies)) install(dependency);
}

beforeAll(async () => {
  const own = join(folder, 'node_modules/tributary-engine');
  await run(process.execPath, [
    tsc('typescript'),
    '-p',
    'tsconfig.build.json',
    '--outDir',
    join(own, 'dist/types'),
  ]);
  cpSync('package.json', join(own, 'package.json'));
  const { dependencies } = (await import('../package.json', { with: { type: 'json' } })).default;
  for (const name of [...Object.keys(dependencies), '@types/three']) install(name);
  writeFileSync(join(folder, 'program.ts'), PROGRAM);
  writeFileSync(join(folder, 'scene.ts'), SCENE);
});

async function said(compiler: string, file: string, types: readonly string[]): Promise<string[]> {
  for (const name of types) install(name);
  const compilerOptions = {
    ...{ noEmit: true, strict: true, skipLibCheck: false, types, lib: ['es2023', 'dom'] },
    ...{ target: 'es2022', module: 'esnext', moduleResolution: 'bundler' },
  };
  const config = join(folder, `${compiler}-${file}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions, files: [file] }));
  const text = await run(process.execPath, [tsc(compiler), '-p', config, '--pretty', 'false'], {
    cwd: folder,
  }).then(
    () => '',
    ({ stdout }) => String(stdout),
  );
  return text.trim().split('\n');
}

describe.each(COMPILERS)('%s, checking every library', (compiler) => {
  it('finds the mistake in the program, and nothing else', async () => {
    expect(await said(compiler, 'program.ts', [])).toEqual([
      "program.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.",
    ]);
  });

  it('takes a device of the program, and gives one back', async () => {
    // The newer ones are given no package of WebGPU's types, for it would contradict their own.
    const types = compiler === 'typescript' ? ['@webgpu/types'] : [];
    expect(await said(compiler, 'scene.ts', types)).toEqual([
      "scene.ts(8,9): error TS2322: Type 'GPUDevice' is not assignable to type 'number'.",
    ]);
  });
});
