import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { assemblyscript } from '../assemblyscript_plugin.js';
import { wgsl } from '../wgsl_plugin.js';

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const builtin = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));

const SCRIPTS = ['frame', 'pretrain', 'quiz', 'scatter', 'screenshots', 'waits'];

/** The scripts that make what the demo page ships, and its screenshots: `node out/demo-scripts/NAME.js`. */
export default defineConfig({
  root: path('../..'),
  plugins: [assemblyscript(), wgsl()],
  resolve: {
    alias: [
      { find: /^tributary-engine$/, replacement: path('../../src/index.ts') },
      { find: /^tributary-engine\/three$/, replacement: path('../../src/three/index.ts') },
    ],
  },
  build: {
    target: 'es2022',
    outDir: path('../../out/demo-scripts'),
    minify: false,
    lib: {
      entry: Object.fromEntries(SCRIPTS.map((name) => [name, path(`${name}.ts`)])),
      formats: ['es'],
    },
    rollupOptions: {
      checks: { pluginTimings: false },
      external: (id) => builtin.has(id) || ['puppeteer', 'webgpu', '@puppeteer/browsers'].includes(id),
    },
  },
});
