/** Chooses and compiles the WebAssembly build of the kernels. */

export interface Kernels {
  readonly module: WebAssembly.Module;
  /** Whether a multiply-add is one instruction with one rounding. */
  readonly fused: boolean;
}

/** What `scripts/assemblyscript_plugin.ts` has added to every byte of a module; beyond 255 they begin anew. */
const SHIFT = 36;

const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0) - SHIFT);

type V8 = { setFlagsFromString(flags: string): void };

/**
 * Compiles with a V8 flag set, and unset right after. Node 20's V8 (11.3) has relaxed SIMD complete but behind
 * a flag, one version before it was switched on for everybody; the flag only opens the decoder of modules
 * compiled while it is set, and doubles the speed of the products there.
 */
function compileWithFlag(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module | null {
  const v8 = globalThis.process?.getBuiltinModule?.('node:v8') as V8 | undefined;
  if (v8 === undefined) return null;
  try {
    v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
    return WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
  } finally {
    v8.setFlagsFromString('--no-experimental-wasm-relaxed-simd');
  }
}

/**
 * Compiles the build with relaxed SIMD where the engine has it, else the plain one. The choice is the same in
 * every run on one machine, so that one seed keeps giving the same bits there.
 * @param relaxed null to do without
 * @throws WebAssembly.CompileError on an engine without SIMD
 */
export async function compileBest(
  relaxed: (() => Promise<{ default: string }>) | null,
  plain: () => Promise<{ default: string }>,
): Promise<Kernels> {
  if (relaxed !== null) {
    const bytes = bytesOf((await relaxed()).default);
    if (WebAssembly.validate(bytes)) return { module: await WebAssembly.compile(bytes), fused: true };
    const module = compileWithFlag(bytes);
    if (module !== null) return { module, fused: true };
  }
  return { module: await WebAssembly.compile(bytesOf((await plain()).default)), fused: false };
}

/** @param relaxed false to do without fused multiply-adds */
export function loadKernels(relaxed = true): Promise<Kernels> {
  return compileBest(
    relaxed ? () => import('./assembly/index.ts?relaxed-simd') : null,
    () => import('./assembly/index.ts?simd'),
  );
}
