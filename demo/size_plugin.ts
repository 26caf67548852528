/** Fails a build whose scripts are more than a visitor should have to wait for. */
import { gzipSync } from 'node:zlib';
import type { Plugin, Rolldown } from 'vite';

/** What is fetched before the first particles move, after gzip: shaders included, three.js as well. */
export const MOST_FIRST = 280_000;

/** Of all scripts, workers and everything that is fetched later included. */
const MOST = 400_000;

/** Of the libraries that Tributary is compared with, which only those fetch who ask for that. */
const MOST_PEERS = 230_000;

/** Chunks of which a browser loads one: the CPU kernels with and without relaxed SIMD. */
const VARIANTS = 'assembly';

/**
 * Where the first visit begins, by the machine: the ends of modules whose chunks, and all that these import, are
 * fetched unasked. Everything else waits for a visitor who wants it.
 */
const FIRST = {
  'a graphics card': [
    ...['/demo/index.html', '/src/webgpu/backend.ts', '/demo/src/scene/three_painter.ts'],
    ...['fused', 'draw', 'optimizer', 'solver', 'linear', 'swiglu', 'features'].map(
      (group) => `wgsl-group:${group}`,
    ),
  ],
  'a processor': [
    ...['/demo/index.html', '/demo/src/lab/sampler_worker.ts', '/src/cpu/simd/backend.ts'],
    ...['/src/cpu/simd/assembly/index.ts?simd', '/src/cpu/simd/worker.ts?source'],
  ],
} as const;

const isPeer = ({ moduleIds }: Rolldown.OutputChunk): boolean =>
  moduleIds.some((id) => /\/node_modules\/(@jax-js|@tensorflow)\//.test(id));

type Chunks = ReadonlyMap<string, Rolldown.OutputChunk>;

/** The chunks that come with those that hold the modules. @throws Error where a module is in none */
export function fetchedWith(chunks: Chunks, modules: readonly string[]): Set<string> {
  const found = new Set<string>();
  const take = (name: string) => {
    if (found.has(name)) return;
    found.add(name);
    for (const next of chunks.get(name)?.imports ?? []) take(next);
  };
  for (const end of modules) {
    const holder = [...chunks.values()].find(({ facadeModuleId, moduleIds }) =>
      [facadeModuleId, ...moduleIds].some((id) => id?.endsWith(end)),
    );
    if (holder === undefined) throw new Error(`no script holds ${end}: what does a first visit fetch?`);
    take(holder.fileName);
  }
  return found;
}

export function sizeLimit(): Plugin {
  return {
    name: 'size-limit',
    generateBundle(_, bundle) {
      const chunks = new Map(
        Object.values(bundle).flatMap((one) => (one.type === 'chunk' ? [[one.fileName, one] as const] : [])),
      );
      const sizes = new Map(
        [...chunks.values()].map(({ fileName, code }) => [fileName, gzipSync(code, { level: 9 }).length]),
      );
      const sum = (names: Iterable<string>) =>
        [...names].reduce((total, name) => total + (sizes.get(name) ?? 0), 0);
      const refuse = (what: string, bytes: number, most: number, names: Iterable<string>) => {
        if (bytes <= most) return;
        const lines = [...names].map((name) => `${String(sizes.get(name)).padStart(8)} ${name}`);
        this.error(`${what} are ${bytes} bytes gzipped, more than ${most}:\n${lines.join('\n')}`);
      };
      const peers = [...chunks.values()].filter(isPeer).map(({ fileName }) => fileName);
      const own = [...chunks.keys()].filter((name) => !peers.includes(name));
      for (const name of own)
        for (const imported of chunks.get(name)?.imports ?? [])
          if (peers.includes(imported))
            this.error(`${name} fetches ${imported}, other libraries, without being asked`);
      const variants = own.filter((name) => chunks.get(name)?.name === VARIANTS);
      const needless = variants.slice(1);
      const total = sum(own.filter((name) => !needless.includes(name)));
      refuse('all of the page’s scripts', total, MOST, own);
      refuse('the libraries to compare with', sum(peers), MOST_PEERS, peers);
      const first = Object.entries(FIRST).map(([machine, modules]) => {
        const names = fetchedWith(chunks, modules);
        refuse(`the scripts of a first visit with ${machine}`, sum(names), MOST_FIRST, names);
        return `${sum(names)} with ${machine}`;
      });
      this.info(
        `first visit: ${first.join(', ')}; all scripts ${total} bytes gzipped, and ${sum(peers)} of other libraries`,
      );
    },
  };
}
