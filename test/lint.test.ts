import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ROOMS, wrongImports, wrongImportsOf } from '../scripts/imports.mjs';

describe('the direction of imports', () => {
  it('is kept, and every folder and file of src has its place', () => {
    expect(wrongImportsOf('.')).toEqual([]);
    expect([...ROOMS].sort()).toEqual(readdirSync('src').sort());
  });

  it('is told in CONTRIBUTING.md, in the same order', () => {
    const told = [...readFileSync('CONTRIBUTING.md', 'utf8').matchAll(/^\| `src\/(\w+)\/`/gm)].map(
      ([, name]) => name,
    );
    expect(told).toEqual(ROOMS.filter((room) => !room.includes('.')));
  });

  it.each([
    ['src/nn/x.ts', '../samplers/sampler.js', 'data flows one way'],
    ['src/data/x.ts', '../nn/mlp.js', 'data flows one way'],
    ['src/backend/x.ts', '../cpu/backend.js', 'data flows one way'],
    ['src/metrics/x.ts', '../cli/main.js', 'data flows one way'],
    ['src/metrics/x.ts', '../three/index.js', 'data flows one way'],
    ['src/train/deep/x.ts', '../../index.js', 'data flows one way'],
    ['src/transport/x.ts', '../engine.js', 'data flows one way'],
    ['src/train/x.ts', 'node:fs', "Node's alone"],
    ['src/attic/x.ts', '../errors.js', 'add src/attic'],
    ['demo/src/x.ts', '../../src/nn/mlp.js', 'the page imports only'],
  ])('%s may not import %s', (file, target, wrong) => {
    for (const source of [
      `export * from '${target}';`,
      `import type { X } from '${target}';`,
      `await import('${target}');`,
    ])
      expect(wrongImports('.', file, source).join()).toContain(wrong);
  });

  it.each([
    ['src/nn/x.ts', '../backend/kernel.js'],
    ['src/nn/x.ts', './mlp.js'],
    ['src/nn/x.ts', '../errors.js'],
    ['src/cli/commands/x.ts', 'node:fs'],
    ['demo/src/x.ts', '../../demo/src/y.js'],
  ])('%s may import %s', (file, target) => {
    expect(wrongImports('.', file, `export * from '${target}';`)).toEqual([]);
  });
});
