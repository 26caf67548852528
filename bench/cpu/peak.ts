import { compileBest } from '../../src/cpu/simd/load.js';

/** What one core can do at most: the best of several short measurements. */
export async function peak(): Promise<{ version: string; gflops: () => Promise<number> }> {
  const { module, fused } = await compileBest(
    () => import('./assembly/peak.ts?relaxed-simd'),
    () => import('./assembly/peak.ts?simd'),
  );
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const chains = exports.chains as (n: number, value: number) => number;
  for (let i = 0; i < 20; i++) chains(100_000, 0.5);
  const once = () => {
    const n = 5_000_000;
    const start = performance.now();
    chains(n, 0.5);
    return (96 * n) / (performance.now() - start) / 1e6;
  };
  return {
    version: fused ? 'fused multiply-add' : 'multiply, then add',
    gflops: async () => Math.max(...Array.from({ length: 10 }, once)),
  };
}
