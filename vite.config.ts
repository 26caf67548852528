import { builtinModules } from 'node:module';
import { defineConfig } from 'vite';
import manifest from './package.json' with { type: 'json' };
import { assemblyscript } from './scripts/assemblyscript_plugin.js';
import { emptyButTypes } from './scripts/empty_plugin.js';
import { wgsl } from './scripts/wgsl_plugin.js';

const nodeBuiltins = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });

/** Entry points: the library, which runs anywhere; its part for three.js; the command line, which needs Node. */
export default defineConfig({
  plugins: [emptyButTypes(), assemblyscript(), wgsl()],
  build: {
    target: 'es2022',
    // The notices of what is bundled: fast-png, uPlot and others.
    license: { fileName: 'LICENSES.md' },
    minify: false,
    sourcemap: true,
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
