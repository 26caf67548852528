/** Fails a build whose scripts are more than a visitor should have to wait for. */
import { gzipSync } from 'node:zlib';
import type { Plugin, Rolldown } from 'vite';

/** Bytes of all scripts after gzip, three.js, workers and everything that is fetched later included. */
const MOST = 330_000;

/** Of the libraries that Tributary is compared with, which only those fetch who ask for that. */
const MOST_PEERS = 230_000;

/** Chunks of which a browser loads one: the CPU kernels with and without relaxed SIMD. */
const VARIANTS = 'assembly';

const isPeer = ({ moduleIds }: Rolldown.OutputChunk): boolean =>
  moduleIds.some((id) => /\/node_modules\/(@jax-js|@tensorflow)\//.test(id));

export function sizeLimit(): Plugin {
  return {
    name: 'size-limit',
    generateBundle(_, bundle) {
      let variant = 0;
      let total = 0;
      let peers = 0;
      const sizes: string[] = [];
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        const size = gzipSync(chunk.code, { level: 9 }).length;
        sizes.push(`${String(size).padStart(8)} ${chunk.fileName}`);
        if (chunk.name === VARIANTS) variant = Math.max(variant, size);
        else if (isPeer(chunk)) peers += size;
        else {
          total += size;
          for (const name of chunk.imports) {
            const imported = bundle[name];
            if (imported?.type === 'chunk' && isPeer(imported))
              this.error(`${chunk.fileName} fetches ${name}, other libraries, without being asked`);
          }
        }
      }
      total += variant;
      if (total > MOST) {
        this.error(`the page's scripts are ${total} bytes gzipped, more than ${MOST}:\n${sizes.join('\n')}`);
      }
      if (peers > MOST_PEERS)
        this.error(`the libraries to compare with are ${peers} bytes gzipped, more than ${MOST_PEERS}`);
      this.info(`scripts: ${total} bytes gzipped, and ${peers} of other libraries`);
    },
  };
}
