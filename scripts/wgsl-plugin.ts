/**
 * Imports shaders: `import shader from '../../shaders/adamw.wgsl'` yields the linked source and what reflection
 * found in it (src/webgpu/shader.ts), checked against the kernel's contract.
 *
 * A plugin rather than a generator, because nothing generated can then be stale or missing: every consumer
 * (library, tests, the page in the browser) goes through Vite, and a shader that disagrees with its contract
 * fails whichever of them meets it first. The parser runs here only, so that it is in no bundle.
 */
import { basename, dirname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import type { KernelContract } from '../src/backend/kernel.js';
import { KERNELS } from '../src/backend/kernels.js';
import { LAUNCHES, type Launch } from '../src/webgpu/launches.js';
import type { Shader } from '../src/webgpu/shader.js';
import { linkShader } from './wgsl/link.js';
import { checkContract, reflectShader } from './wgsl/reflect.js';

/** Where the kernels and what they include lie. */
export const SHADER_ROOT = fileURLToPath(new URL('../shaders', import.meta.url));

/** Links, reflects and, if it is named as a kernel, checks one shader. */
export function loadShader(root: string, file: string): { shader: Shader; files: readonly string[] } {
  const linked = linkShader(root, file);
  const name = basename(file, '.wgsl');
  const shader = reflectShader(name, linked);
  const contract = (KERNELS as unknown as Record<string, KernelContract | undefined>)[name];
  if (contract) checkContract(shader, contract, (LAUNCHES as Record<string, Launch>)[name]);
  return { shader, files: linked.files };
}

export function wgsl(root = SHADER_ROOT): Plugin {
  return {
    name: 'wgsl',
    enforce: 'pre',
    load(id) {
      const path = id.replace(/[?#].*$/, '');
      if (!path.endsWith('.wgsl')) return null;
      const inside = relative(root, path);
      // A shader elsewhere, such as a test's, has its own folder as root.
      const outside = inside.startsWith('..');
      const base = outside ? dirname(path) : root;
      const file = outside ? basename(path) : inside.split(sep).join('/');
      const { shader, files } = loadShader(base, file);
      for (const used of files) this.addWatchFile(`${base}/${used}`);
      return { code: `export default ${JSON.stringify(shader)};`, map: { mappings: '' } };
    },
  };
}
