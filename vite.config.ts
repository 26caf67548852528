import { existsSync, readdirSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import manifest from './package.json' with { type: 'json' };
import { assemblyscript } from './scripts/assemblyscript-plugin.js';
import { wgsl } from './scripts/wgsl-plugin.js';

const nodeBuiltins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });

/** Empties the output folder, but for the declarations, which the compiler writes there and not this build. */
function emptyButTypes(): Plugin {
  let folder = '';
  return {
    name: 'empty-but-types',
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir);
    },
    buildStart() {
      if (!existsSync(folder)) return;
      for (const name of readdirSync(folder))
        if (name !== 'types') rmSync(join(folder, name), { recursive: true });
    },
  };
}

/** Entry points: the library, which runs anywhere; its part for three.js; the command line, which needs Node. */
export default defineConfig({
  plugins: [emptyButTypes(), assemblyscript(), wgsl()],
  build: {
    target: 'es2022',
    // The notices of what is bundled: fast-png, uPlot and others.
    license: { fileName: 'LICENSES.md' },
    minify: false,
    sourcemap: true,
    emptyOutDir: false,
    lib: {
      entry: { index: 'src/index.ts', three: 'src/three/index.ts', cli: 'src/cli/main.ts' },
      formats: ['es'],
    },
    rollupOptions: {
      checks: { pluginTimings: false },
      // What is imported as text (`?raw`) becomes part of the bundle.
      external: (id) =>
        !id.includes('?') &&
        (nodeBuiltins.has(id) || dependencies.some((name) => id === name || id.startsWith(`${name}/`))),
    },
  },
});
