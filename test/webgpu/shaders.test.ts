/** What the build holds shaders to, and that it does. */
import { readdirSync } from 'node:fs';
import { build, type Rolldown } from 'vite';
import { describe, expect, it } from 'vitest';
import { linkShader } from '../../scripts/wgsl/link.js';
import { checkContract, reflectShader } from '../../scripts/wgsl/reflect.js';
import { SHADER_ROOT, wgsl } from '../../scripts/wgsl_plugin.js';
import { contractOf, KERNELS, type KernelName } from '../../src/backend/kernels.js';
import { LAUNCHES } from '../../src/webgpu/launches.js';
import { originalLine } from '../../src/webgpu/shader.js';
import { SHADERS } from '../../src/webgpu/shaders.js';
import { kernelOf, type ShaderName } from '../../src/webgpu/variants.js';

const names = Object.keys(SHADERS) as ShaderName[];

describe('every shader', () => {
  it('has a kernel, and every kernel a shader', () => {
    const files = readdirSync(SHADER_ROOT).filter((file) => file.endsWith('.wgsl'));
    expect(files.sort()).toEqual(names.map((name) => `${name}.wgsl`).sort());
    expect(new Set(names.map(kernelOf))).toEqual(new Set(Object.keys(KERNELS)));
  });

  // Where the standard zeroes a variable, the software adapter leaks the last iteration's value.
  it.each(names)('%s initialises every var', (name) => {
    const code = SHADERS[name].source.replace(/\/\/.*$/gm, '');
    const bare = /\bvar(?:<(?:private|function)>)?\s+\w+\s*(?::[^=;]*)?;/g;
    expect(code.match(bare) ?? []).toEqual([]);
  });

  it('would be caught with a bare var', () => {
    for (const line of ['var x: f32;', 'var<private> x: array<f32, 4>;', 'var x : vec4f ;']) {
      expect(line).toMatch(/\bvar(?:<(?:private|function)>)?\s+\w+\s*(?::[^=;]*)?;/);
    }
  });

  it.each(names)('%s fits the default limits', (name) => {
    const { bindings, overrides, source } = SHADERS[name];
    expect(bindings.filter(({ type }) => type !== 'uniform').length).toBeLessThanOrEqual(8);
    const { WORKGROUP_X = 1, WORKGROUP_Y = 1, WORKGROUP_SIZE = 1 } = overrides;
    const { TILE_K = 0, TILE_K4 = 0 } = overrides;
    expect(WORKGROUP_X * WORKGROUP_Y * WORKGROUP_SIZE).toBeLessThanOrEqual(256);
    expect(16 * (TILE_K + 8 * TILE_K4) * (WORKGROUP_X + WORKGROUP_Y)).toBeLessThanOrEqual(16 * 1024);
    expect(16 * (overrides.MEMORY ?? 0)).toBeLessThanOrEqual(16 * 1024);
    // Only sums of integers do not depend on their order.
    expect(source.replaceAll('atomic<u32>', '').match(/atomic</g) ?? []).toEqual([]);
  });
});

describe('the linker', () => {
  const files: Record<string, string> = {
    'a.wgsl': '// @include common/b.wgsl\n// @include common/c.wgsl\nfn a() {}\n',
    'common/b.wgsl': '// @include common/c.wgsl\nfn b() {}\n',
    'common/c.wgsl': 'fn c() {}\n\n\n',
    'loop.wgsl': '// @include loop2.wgsl',
    'loop2.wgsl': '// @include loop.wgsl',
    'lost.wgsl': '// @include nowhere.wgsl',
    'wrong.wgsl': '//@include common/c.wgsl',
  };
  const link = (name: string) =>
    linkShader('', name, (file) => {
      if (files[file] === undefined) throw new Error('no such file');
      return files[file];
    });

  it('takes every file once, before what includes it, and knows where lines came from', () => {
    const linked = link('a.wgsl');
    expect(linked.files).toEqual(['common/c.wgsl', 'common/b.wgsl', 'a.wgsl']);
    const at = linked.source.split('\n').indexOf('fn a() {}') + 1;
    expect(originalLine(linked, at)).toBe('a.wgsl:3');
    expect(originalLine(linked, 1)).toBe('common/c.wgsl:1');
  });

  it('names what is wrong with an include', () => {
    expect(() => link('loop.wgsl')).toThrow('loop2.wgsl: includes itself through loop.wgsl → loop2.wgsl');
    expect(() => link('lost.wgsl')).toThrow('lost.wgsl: cannot include nowhere.wgsl');
    expect(() => link('wrong.wgsl')).toThrow('wrong.wgsl: malformed include');
  });
});

describe('the build', () => {
  /** Checks the kernel's shader after a change of its text. */
  const check = (name: KernelName & ShaderName, from: string, to: string) => {
    const linked = linkShader(SHADER_ROOT, `${name}.wgsl`);
    expect(linked.source).toContain(from);
    const shader = reflectShader(name, { ...linked, source: linked.source.replace(from, to) });
    checkContract(shader, contractOf(name), LAUNCHES[name]);
  };

  it.each([
    ['a parameter of another name', '  beta1: f32,', '  beta: f32,', 'parameter 1 is beta, not beta1'],
    ['a parameter of another type', '  eps: f32,', '  eps: u32,', 'parameter eps is u32, not f32'],
    ['a missing parameter', '  rest2: f32,\n', '', 'parameter rest2 is missing'],
    ['one too many', '  rest2: f32,', '  rest2: f32,\n  more: u32,', 'more is not in the contract'],
    ['another order', '  n: u32,\n  beta1: f32,', '  beta1: f32,\n  n: u32,', 'parameter 0 is beta1, not n'],
    ['a binding of another name', 'read> gradient:', 'read> slope:', 'binding 4 is slope, not gradient'],
    [
      'another access',
      '<storage, read> gradient',
      '<storage, read_write> gradient',
      'gradient is storage, not',
    ],
    ['another type', 'gradient: array<f32>', 'gradient: array<u32>', 'gradient holds u32, not f32'],
    ['a gap in the bindings', '@binding(7) var', '@binding(9) var', '@binding(9), not 0 and 7'],
    ['a vector among the parameters', '  eps: f32,', '  eps: vec2f,', 'uniform field eps is vec2f, not u32'],
  ])('refuses %s, and says which', (_, from, to, message) => {
    expect(() => check('adamw', from, to)).toThrow(message);
    expect(() => check('adamw', from, to)).toThrow(/^adamw/);
  });

  it('fails a shader that does not parse, with its file and line', () => {
    expect(() => check('adamw', 'let rate = ', 'let rate rate = ')).toThrow(/^adamw: .*adamw\.wgsl:\d+/);
  });

  it('leaves the parser out of the bundle', async () => {
    const result = await build({
      configFile: false,
      logLevel: 'error',
      plugins: [wgsl()],
      build: {
        write: false,
        minify: false,
        lib: { entry: 'src/webgpu/backend.ts', formats: ['es'] },
      },
    });
    const { output } = (result as Rolldown.RolldownOutput[])[0];
    const chunk = output.find((file) => file.type === 'chunk') as Rolldown.OutputChunk;
    expect(chunk.code).toContain('@workgroup_size(WORKGROUP_X, WORKGROUP_Y)');
    expect(chunk.moduleIds.filter((id) => id.includes('node_modules'))).toEqual([]);
    expect(chunk.imports).toEqual([]);
  });
});
