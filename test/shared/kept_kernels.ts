/** The WebAssembly kernels of a test run: compiled once for all projects, and again only when they have changed. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';
import { assemblyscript } from '../../scripts/assemblyscript_plugin.js';
import { digestOf } from './built.js';

/** All that the modules are made from: sources, options, compiler. */
const SOURCES = ['src/cpu/simd/assembly', 'scripts/assemblyscript_plugin.ts', 'package-lock.json'];

const fileOf = (variant: string) => join('node_modules/.cache/tributary', `kernels-${variant}.txt`);

/** {@link assemblyscript}, whose compiled modules outlive the process. */
export function keptKernels(): Plugin {
  const plugin = assemblyscript();
  const load = plugin.load as (this: unknown, id: string) => Promise<unknown>;
  return {
    ...plugin,
    async load(id) {
      const variant = id.split('?')[1];
      if (!id.endsWith(`/assembly/index.ts?${variant}`)) return load.call(this, id) as never;
      const stamp = `${digestOf(SOURCES)} ${id}\n`;
      const file = fileOf(variant);
      const kept = existsSync(file) ? readFileSync(file, 'utf8') : '';
      if (kept.startsWith(stamp)) return JSON.parse(kept.slice(stamp.length)) as never;
      const made = await load.call(this, id);
      mkdirSync(dirname(file), { recursive: true });
      // Whole or not at all: another run may read it meanwhile.
      writeFileSync(`${file}.${process.pid}`, `${stamp}${JSON.stringify(made)}`);
      renameSync(`${file}.${process.pid}`, file);
      return made as never;
    },
  };
}
