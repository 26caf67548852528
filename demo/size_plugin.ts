/** Fails a build whose scripts are more than a visitor should have to wait for. */
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Bytes of all scripts after gzip, three.js, workers and everything that is fetched later included. */
const MOST = 300_000;

/** Chunks of which a browser loads one: the CPU kernels with and without relaxed SIMD. */
const VARIANTS = 'assembly';

export function sizeLimit(): Plugin {
  return {
    name: 'size-limit',
    generateBundle(_, bundle) {
      let variant = 0;
      let total = 0;
      const sizes: string[] = [];
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        const size = gzipSync(chunk.code, { level: 9 }).length;
        sizes.push(`${String(size).padStart(8)} ${chunk.fileName}`);
        if (chunk.name === VARIANTS) variant = Math.max(variant, size);
        else total += size;
      }
      total += variant;
      if (total > MOST) {
        this.error(`the page's scripts are ${total} bytes gzipped, more than ${MOST}:\n${sizes.join('\n')}`);
      }
      this.info(`scripts: ${total} bytes gzipped`);
    },
  };
}
