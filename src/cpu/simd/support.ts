/** `(func (result v128) i32.const 0 i8x16.splat)` as the smallest WebAssembly module that needs SIMD. */
const PROBE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic number and version
  ...[1, 5, 1, 0x60, 0, 1, 0x7b], // one type: () → v128
  ...[3, 2, 1, 0], // one function of it
  ...[10, 8, 1, 6, 0, 0x41, 0, 0xfd, 0x0f, 0x0b], // its body
);

/** Whether this JavaScript engine has WebAssembly with SIMD. Lockdown modes and old devices have not. */
export const simdSupported = (): boolean => typeof WebAssembly === 'object' && WebAssembly.validate(PROBE);
