import { defineConfig } from 'vite';
import { assemblyscript } from '../scripts/assemblyscript_plugin.js';

/** Builds a benchmark's driver and the child that runs one system; peers are found where they are installed. */
export default defineConfig({
  plugins: [assemblyscript()],
  build: {
    ssr: true,
    target: 'es2022',
    minify: false,
    outDir: 'out/bench',
    rollupOptions: {
      external: [/^@tensorflow\//, '@jax-js/jax'],
      input: { cpu: 'bench/cpu.ts', child: 'bench/cpu/child.ts' },
    },
  },
});
