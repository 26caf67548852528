import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { build, type Plugin } from 'vite';

/** Options of every build of the kernels; see `src/cpu/simd/load.ts` for how one is chosen. */
const COMMON = [
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
  '--enable',
  'simd,threads',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory',
  '1',
  '--maximumMemory',
  '65536',
  '--use',
  'abort=',
  // usize is 32 bits wide here, so that mixing it with u32 is meant.
  '--disableWarning',
  '201',
];

const VARIANTS: Record<string, readonly string[]> = {
  simd: [],
  'relaxed-simd': ['--enable', 'relaxed-simd'],
};

/** Added to every byte: few are then control characters, which a string would have to escape. */
const SHIFT = 36;

/**
 * Compiles an AssemblyScript entry with asc and returns the module as text, a character a byte: gzip makes a quarter
 * less of that than of base64. `src/cpu/simd/load.ts` takes the shift away.
 */
async function compile(entry: string, variant: string): Promise<string> {
  let binary: Uint8Array | null = null;
  const messages: string[] = [];
  const collect = { write: (text: string | Uint8Array) => messages.push(String(text)) };
  const { error } = await asc.main(
    [entry, ...COMMON, ...VARIANTS[variant], '--outFile', 'kernels.wasm', '--baseDir', '/'],
    {
      stdout: collect,
      stderr: collect,
      readFile: (name, baseDir) => {
        try {
          return readFileSync(fileURLToPath(new URL(name, `file://${baseDir}/`)), 'utf8');
        } catch {
          return null;
        }
      },
      writeFile: (name, contents) => {
        if (name.endsWith('.wasm')) binary = contents as Uint8Array;
      },
      listFiles: () => [],
    },
  );
  if (error || binary === null) throw new Error(`${entry}: ${error?.message}\n${messages.join('')}`);
  return Buffer.from((binary as Uint8Array).map((byte) => byte + SHIFT)).toString('latin1');
}

/** Bundles a module into one classic script, which a worker can be started from wherever the package lies. */
async function bundle(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      lib: { entry, formats: ['iife'], name: 'worker', fileName: 'worker' },
    },
  });
  const [{ output }] = result as unknown as { output: { code: string }[] }[];
  return output[0].code;
}

/**
 * Builds what the fast CPU path ships as text: `entry.ts?simd` and `entry.ts?relaxed-simd` are the bytes of a
 * WebAssembly module compiled from AssemblyScript, `entry.ts?source` a bundled worker.
 */
export function assemblyscript(): Plugin {
  const cache = new Map<string, Promise<string>>();
  return {
    name: 'assemblyscript',
    enforce: 'pre',
    async load(id) {
      const [path, query] = id.split('?');
      if (query === undefined || (query !== 'source' && !(query in VARIANTS))) return null;
      if (!cache.has(id)) cache.set(id, query === 'source' ? bundle(path) : compile(path, query));
      return { code: `export default ${JSON.stringify(await cache.get(id))};`, map: null, moduleType: 'js' };
    },
  };
}
