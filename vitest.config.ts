import { defineConfig } from 'vitest/config';
import { wgsl } from './scripts/wgsl-plugin.js';

export default defineConfig({
  plugins: [wgsl()],
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
