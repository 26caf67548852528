import { defineConfig } from 'vitest/config';
import { assemblyscript } from './scripts/assemblyscript-plugin.js';
import { wgsl } from './scripts/wgsl-plugin.js';

export default defineConfig({
  plugins: [assemblyscript(), wgsl()],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/build.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
