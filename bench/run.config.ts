import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { assemblyscript } from '../scripts/assemblyscript_plugin.js';
import { peerVersions } from '../scripts/peer_versions.js';
import { wgsl } from '../scripts/wgsl_plugin.js';

/** How a benchmark's TypeScript is read: kernels and shaders as in the library, the demo's files as in the demo. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  plugins: [assemblyscript(), wgsl()],
  define: peerVersions(),
  // Its licence is read as text.
  ssr: { noExternal: ['uplot'] },
  resolve: {
    alias: [
      {
        find: /^tributary-engine$/,
        replacement: fileURLToPath(new URL('../src/index.ts', import.meta.url)),
      },
    ],
  },
});
