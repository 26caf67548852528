import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plugin } from 'vite';

/**
 * Empties the output folder, but for the declarations, which the compiler writes there and not Vite: its own
 * `emptyOutDir` would delete them.
 */
export function emptyButTypes(): Plugin {
  let folder = '';
  return {
    name: 'empty-but-types',
    config: () => ({ build: { emptyOutDir: false } }),
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
