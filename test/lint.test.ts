import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const folders = readdirSync('src', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** Lints one file of a project that has our rules. */
function lint(path: string, source: string) {
  const project = mkdtempSync(join(tmpdir(), 'tributary-lint-'));
  try {
    copyFileSync('biome.json', join(project, 'biome.json'));
    mkdirSync(join(project, dirname(path)), { recursive: true });
    writeFileSync(join(project, path), source);
    const biome = resolve('node_modules/.bin/biome');
    return spawnSync(biome, ['lint', path], { cwd: project, encoding: 'utf8' });
  } finally {
    rmSync(project, { recursive: true });
  }
}

describe('the direction of imports', () => {
  it('has a rule for every folder', () => {
    const { overrides } = JSON.parse(readFileSync('biome.json', 'utf8'));
    const ruled = overrides.flatMap(({ includes }: { includes: string[] }) => includes);
    for (const folder of folders)
      expect(ruled, `add src/${folder} to biome.json`).toContain(`src/${folder}/**`);
  });

  it.each([
    ['src/nn/x.ts', '../samplers/sampler.js'],
    ['src/data/x.ts', '../nn/mlp.js'],
    ['src/backend/x.ts', '../cpu/backend.js'],
    ['src/metrics/x.ts', '../cli/main.js'],
    ['src/train/x.ts', '../index.js'],
  ])('%s may not import %s', (path, target) => {
    const { status, stdout, stderr } = lint(path, `export * from '${target}';\n`);
    expect(stdout + stderr).toContain('Data flows one way');
    expect(status).not.toBe(0);
  });

  it('allows what goes the right way', () => {
    expect(lint('src/nn/x.ts', "export * from '../backend/kernel.js';\n").status).toBe(0);
  });
});
