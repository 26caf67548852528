/** Copies of matrix parts in the order in which the register tiles read them. Missing columns are zeros. */
import { MR, NR } from './micro';

/** Whether packing is timed: then it calls out when it begins, with 1, and when it is done, with 0. */
export let timed: i32 = 0;

// @ts-ignore: decorator
@external('env', 'packing')
declare function packing(begins: i32): void;

/** dst[k][8] = src[row + j, first + k] for j < columns: a panel of the transpose, `ld` bytes a row. */
export function packTransposed(dst: usize, src: usize, ld: usize, k: u32, columns: u32): void {
  if (timed) packing(1);
  copyTransposed(dst, src, ld, k, columns);
  if (timed) packing(0);
}

function copyTransposed(dst: usize, src: usize, ld: usize, k: u32, columns: u32): void {
  let done: u32 = 0;
  if (columns == NR) {
    for (; done + 4 <= k; done += 4) {
      packFour(dst, src, ld);
      packFour(dst + 16, src + (ld << 2), ld);
      dst += 128;
      src += 16;
    }
  }
  for (; done < k; done++) {
    for (let j: u32 = 0; j < NR; j++) {
      store<f32>(dst + (j << 2), j < columns ? load<f32>(src + j * ld) : 0);
    }
    dst += 32;
    src += 4;
  }
}

/** Four columns of four rows, transposed, into rows 32 bytes apart. */
// @ts-ignore: decorator
@inline
function packFour(dst: usize, src: usize, ld: usize): void {
  const r0 = v128.load(src);
  const r1 = v128.load(src + ld);
  const r2 = v128.load(src + 2 * ld);
  const r3 = v128.load(src + 3 * ld);
  const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const b = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const c = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(dst, v128.shuffle<f32>(a, b, 0, 1, 4, 5));
  v128.store(dst, v128.shuffle<f32>(a, b, 2, 3, 6, 7), 32);
  v128.store(dst, v128.shuffle<f32>(c, d, 0, 1, 4, 5), 64);
  v128.store(dst, v128.shuffle<f32>(c, d, 2, 3, 6, 7), 96);
}

/** dst[k][8] = src[k, j] for j < columns: a panel of the matrix itself. */
export function packColumns(dst: usize, src: usize, ld: usize, k: u32, columns: u32): void {
  if (timed) packing(1);
  copyColumns(dst, src, ld, k, columns);
  if (timed) packing(0);
}

function copyColumns(dst: usize, src: usize, ld: usize, k: u32, columns: u32): void {
  if (columns == NR) {
    for (let i: u32 = 0; i < k; i++) {
      v128.store(dst, v128.load(src));
      v128.store(dst, v128.load(src, 16), 16);
      dst += 32;
      src += ld;
    }
    return;
  }
  for (let i: u32 = 0; i < k; i++) {
    for (let j: u32 = 0; j < NR; j++) {
      store<f32>(dst + (j << 2), j < columns ? load<f32>(src + (j << 2)) : 0);
    }
    dst += 32;
    src += ld;
  }
}

/** dst[k][6] = src[k, r] for r < rows, and their sums over k added to sums[6] (in order). */
export function packRows(dst: usize, src: usize, ld: usize, k: u32, rows: u32, sums: usize): void {
  if (timed) packing(1);
  copyRows(dst, src, ld, k, rows, sums);
  if (timed) packing(0);
}

function copyRows(dst: usize, src: usize, ld: usize, k: u32, rows: u32, sums: usize): void {
  if (rows == MR) {
    let low = v128.load(sums);
    let high = v128.load64_zero(sums, 16);
    for (let i: u32 = 0; i < k; i++) {
      const a = v128.load(src);
      const b = v128.load64_zero(src, 16);
      low = f32x4.add(low, a);
      high = f32x4.add(high, b);
      v128.store(dst, a);
      v128.store64_lane(dst, b, 0, 16);
      dst += 24;
      src += ld;
    }
    v128.store(sums, low);
    v128.store64_lane(sums, high, 0, 16);
    return;
  }
  for (let i: u32 = 0; i < k; i++) {
    for (let r: u32 = 0; r < MR; r++) {
      const value: f32 = r < rows ? load<f32>(src + (r << 2)) : 0;
      store<f32>(dst + (r << 2), value);
      store<f32>(sums + (r << 2), load<f32>(sums + (r << 2)) + value);
    }
    dst += 24;
    src += ld;
  }
}
