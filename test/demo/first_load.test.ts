/** What the page fetches unasked, and what it leaves for those who ask. */
import { basename } from 'node:path';
import type { Rolldown } from 'vite';
import { describe, expect, it } from 'vitest';
import { fetchedWith } from '../../demo/size_plugin.js';
import { SHADER_ROOT, wgsl } from '../../scripts/wgsl_plugin.js';
import { SHADERS } from '../../src/webgpu/shaders.js';

const chunk = (fileName: string, moduleIds: string[], imports: string[] = []) =>
  [fileName, { type: 'chunk', fileName, moduleIds, imports, facadeModuleId: null }] as unknown as [
    string,
    Rolldown.OutputChunk,
  ];

describe('the scripts of a first visit', () => {
  const chunks = new Map([
    chunk('page.js', ['/demo/main.ts'], ['shared.js']),
    chunk('shared.js', ['/src/settings.ts'], ['deep.js']),
    chunk('deep.js', ['/src/errors.ts'], ['shared.js']),
    chunk('later.js', ['/demo/verify.ts'], ['shared.js', 'kernels.js']),
    chunk('kernels.js', ['/src/kernels.ts']),
  ]);

  it('are those that hold its modules, and all that these import', () => {
    expect([...fetchedWith(chunks, ['/demo/main.ts'])]).toEqual(['page.js', 'shared.js', 'deep.js']);
    expect(fetchedWith(chunks, ['/demo/main.ts', '/demo/verify.ts']).size).toBe(5);
  });

  it('fail the build where one of them is not known any more', () => {
    expect(() => fetchedWith(chunks, ['/demo/renamed.ts'])).toThrow(/^no script holds \/demo\/renamed\.ts/);
  });
});

/** The module that a plugin makes of an id, evaluated, with `fetch` in place of its dynamic imports. */
function evaluated(plugin: ReturnType<typeof wgsl>, id: string, fetch: (id: string) => unknown): unknown {
  const load = plugin.load as unknown as (this: object, id: string) => { code: string };
  const { code } = load.call({ addWatchFile: () => undefined }, id);
  const body = code.replace('export default', 'return').replaceAll('import(', 'fetch(');
  return new Function('fetch', body)(fetch);
}

describe('shaders that are fetched when a plan takes them', () => {
  const plugin = wgsl(SHADER_ROOT, { later: true });
  const groups = new Map<string, unknown>();
  const group = async (id: string) => {
    if (!groups.has(id)) groups.set(id, evaluated(plugin, id, group));
    return { default: groups.get(id) };
  };

  it('are the same sources, of every kernel of the table', async () => {
    for (const [name, { source, entries }] of Object.entries(SHADERS)) {
      const path = `${SHADER_ROOT}/${name}.wgsl`;
      const shader = evaluated(plugin, path, group) as (typeof SHADERS)['adamw'];
      expect(shader.source, name).toBe('');
      expect(await shader.fetched?.(), basename(path)).toBe(source);
      expect(shader.entries).toEqual(entries);
    }
    // Neither all together nor each alone.
    expect(groups.size).toBeGreaterThan(10);
    expect(groups.size).toBeLessThan(Object.keys(SHADERS).length / 2);
  });
});
