import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { assemblyscript } from '../scripts/assemblyscript-plugin.js';
import { wgsl } from '../scripts/wgsl-plugin.js';

const source = (file: string) => fileURLToPath(new URL(`../src/${file}`, import.meta.url));

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

// One for the page and its workers, so that the kernels are compiled once.
const assembly = assemblyscript();

/** The demo page, from the library's public API as any other page would use it. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [assembly, wgsl()],
  resolve: {
    alias: [
      { find: /^tributary$/, replacement: source('index.ts') },
      { find: /^tributary\/three$/, replacement: source('three/index.ts') },
      { find: /^three\/webgpu$/, replacement: here('three/webgpu.js') },
      { find: /^three\/tsl$/, replacement: 'three/src/Three.TSL.js' },
    ],
  },
  worker: { format: 'es', plugins: () => [assembly, wgsl()] },
  server: { headers: ISOLATION },
  preview: { headers: ISOLATION },
  build: {
    outDir: fileURLToPath(new URL('./dist', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    license: { fileName: 'LICENSES.md' },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
    rollupOptions: { checks: { pluginTimings: false } },
  },
});
