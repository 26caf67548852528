/**
 * Imports shaders: `import shader from '../../shaders/adamw.wgsl'` yields the linked source and what reflection
 * found in it (src/webgpu/shader.ts), checked against the kernel's contract.
 *
 * A plugin rather than a generator, because nothing generated can then be stale or missing: every consumer
 * (library, tests, the page in the browser) goes through Vite, and a shader that disagrees with its contract
 * fails whichever of them meets it first. The parser runs here only, so that it is in no bundle.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import type { KernelContract } from '../src/backend/kernel.js';
import { KERNELS } from '../src/backend/kernels.js';
import { LAUNCHES, type Launch } from '../src/webgpu/launches.js';
import type { Shader } from '../src/webgpu/shader.js';
import { kernelOf } from '../src/webgpu/variants.js';
import { linkShader } from './wgsl/link.js';
import { checkContract, reflectShader } from './wgsl/reflect.js';

/** Where the kernels and what they include lie. */
export const SHADER_ROOT = fileURLToPath(new URL('../shaders', import.meta.url));

/** Links, reflects and, if it is named as a kernel, checks one shader. */
export function loadShader(
  root: string,
  file: string,
): { shader: Shader; files: readonly string[]; contract: boolean } {
  const linked = linkShader(root, file);
  const name = basename(file, '.wgsl');
  const shader = reflectShader(name, linked);
  const contract = (KERNELS as unknown as Record<string, KernelContract | undefined>)[kernelOf(name)];
  if (contract) checkContract(shader, contract, (LAUNCHES as Record<string, Launch>)[name]);
  return { shader, files: linked.files, contract: contract !== undefined };
}

const PART = '\0wgsl-part:';

/** An operator between two names, numbers or brackets; angle brackets may be a template's. */
const BETWEEN = /([\w)\]]) ([-+*/%&|^]?=|==|!=|[-+*/%|^]|&&|\|\|) (?=[\w(])/g;

/**
 * Without comments, indentation and most blanks. Every line stays where it is, for what compilers say of it, and
 * operators beside operators keep their blanks: `a - -b` and `a / *b` need them.
 */
export function minified(source: string): string {
  return source
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ''))
    .split('\n')
    .map((line) =>
      line
        .replace(/\/\/.*$/, '')
        .trim()
        .replace(/\s+/g, ' ')
        .replace(/ ?([,;:{}()[\]]) ?/g, '$1')
        .replace(BETWEEN, '$1$2')
        .replace(BETWEEN, '$1$2'),
    )
    .join('\n');
}

const CONTRACTS = fileURLToPath(new URL('../src/backend/contracts', import.meta.url));
const GROUP = '\0wgsl-group:';

/** The file of each kernel's contract, without its ending: kernels that are contracted together run together. */
function kernelGroups(): ReadonlyMap<string, string> {
  const groups = new Map<string, string>();
  for (const file of readdirSync(CONTRACTS))
    for (const [, name] of readFileSync(`${CONTRACTS}/${file}`, 'utf8').matchAll(/\bname: '(\w+)'/g))
      groups.set(name, basename(file, '.ts'));
  return groups;
}

/**
 * @param root where the kernels lie
 * @param minify whether comments and blanks go, for a page that should be small
 * @param later whether the sources of kernels are fetched when a plan takes them, those of a contract's file together:
 *   for a page whose visitors need few of them
 */
export function wgsl(root = SHADER_ROOT, { minify = false, later = false } = {}): Plugin {
  // What several shaders include is in a bundle once: the text of each file, and shaders that join them.
  const parts = new Map<string, string>();
  const text = (source: string) => JSON.stringify(minify ? minified(source) : source);
  const groups = later ? kernelGroups() : new Map<string, string>();
  /** A module of the sources of one group, by the names of their shaders. */
  const groupModule = (group: string, watch: (file: string) => void) => {
    const shaders = readdirSync(root).filter(
      (file) => file.endsWith('.wgsl') && groups.get(kernelOf(basename(file, '.wgsl'))) === group,
    );
    const sources = shaders.map((file) => {
      const { shader, files } = loadShader(root, file);
      for (const used of files) watch(`${root}/${used}`);
      return `${JSON.stringify(shader.name)}: ${text(shader.source)}`;
    });
    return `export default { ${sources.join(', ')} };`;
  };
  return {
    name: 'wgsl',
    enforce: 'pre',
    resolveId: (id) => (id.startsWith(PART) || id.startsWith(GROUP) ? id : null),
    load(id) {
      if (id.startsWith(GROUP)) {
        const code = groupModule(id.slice(GROUP.length), (file) => this.addWatchFile(file));
        return { code, map: { mappings: '' } };
      }
      const part = parts.get(id);
      if (part !== undefined) return { code: `export default ${text(part)};`, map: { mappings: '' } };
      const path = id.replace(/[?#].*$/, '');
      if (!path.endsWith('.wgsl')) return null;
      const inside = relative(root, path);
      // A shader elsewhere, such as a test's, has its own folder as root.
      const outside = inside.startsWith('..');
      const base = outside ? dirname(path) : root;
      const file = outside ? basename(path) : inside.split(sep).join('/');
      const { shader, files, contract } = loadShader(base, file);
      for (const used of files) this.addWatchFile(`${base}/${used}`);
      const { source, bindings, uniform, ...own } = shader;
      // A kernel's have been found to be what its contract says: src/webgpu/shaders.ts has them from there.
      const rest = contract ? own : { ...own, bindings, uniform };
      const group = groups.get(kernelOf(shader.name));
      if (contract && group !== undefined) {
        const from = `import(${JSON.stringify(`${GROUP}${group}`)})`;
        const fetched = `async () => (await ${from}).default[${JSON.stringify(shader.name)}]`;
        return {
          code: `export default { ...${JSON.stringify(rest)}, source: '', fetched: ${fetched} };`,
          map: { mappings: '' },
        };
      }
      const all = source.split('\n');
      const imports: string[] = [];
      const pieces = shader.lines.map(({ start, file: from }, i) => {
        const next = shader.lines[i + 1];
        const piece = `${all.slice(start - 1, next ? next.start - 1 : all.length - 1).join('\n')}\n`;
        if (from === file) return text(piece);
        const name = `${PART}${base}/${from}`;
        parts.set(name, piece);
        imports.push(`import part${i} from ${JSON.stringify(name)};`);
        return `part${i}`;
      });
      return {
        code: `${imports.join('')}export default { ...${JSON.stringify(rest)}, source: ${pieces.join(' + ')} };`,
        map: { mappings: '' },
      };
    },
  };
}
