import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { assemblyscript } from '../scripts/assemblyscript_plugin.js';
import { peerVersions } from '../scripts/peer_versions.js';
import { SHADER_ROOT, wgsl } from '../scripts/wgsl_plugin.js';
import { withoutContractTexts } from './contract_texts.js';
import { sizeLimit } from './size_plugin.js';
import { withoutUnused } from './three/unused.js';
import { sharedWorkers } from './workers_plugin.js';

const source = (file: string) => fileURLToPath(new URL(`../src/${file}`, import.meta.url));

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** The demo page, from the library's public API as any other page would use it. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [
    assemblyscript(),
    wgsl(SHADER_ROOT, { minify: true, later: true }),
    sharedWorkers(),
    withoutUnused(),
    withoutContractTexts(),
    sizeLimit(),
  ],
  define: peerVersions(),
  resolve: {
    alias: [
      // What only Node has, or an engine that tunes.
      { find: /^\.\/(dawn|choice_store|timing)\.js$/, replacement: here('never_called.ts') },
      { find: /^tributary-engine$/, replacement: source('index.ts') },
      { find: /^tributary-engine\/three$/, replacement: source('three/index.ts') },
      { find: /^three\/webgpu$/, replacement: here('three/webgpu.js') },
      { find: /^three\/tsl$/, replacement: 'three/src/Three.TSL.js' },
    ],
  },
  server: { headers: ISOLATION },
  preview: { headers: ISOLATION },
  build: {
    outDir: fileURLToPath(new URL('./dist', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    license: { fileName: 'LICENSES.md' },
    reportCompressedSize: false,
    // A worker has no document to put links into.
    modulePreload: {
      polyfill: false,
      resolveDependencies: (_, files, { hostType }) => (hostType === 'html' ? files : []),
    },
    chunkSizeWarningLimit: 1000,
    rollupOptions: { checks: { pluginTimings: false } },
  },
});
