/**
 * The register tiles of the three products: MR rows by 8 columns of C = init + A·B, with the sums in
 * registers over the whole inner dimension. 6×8 takes 12 of V8's 15 SIMD registers for sums, 2 for a row of B
 * and 1 for a number of A, which keeps two multiply-add units busy. V8 spills sums
 * inside the loop when it is unrolled, or when anything but a store follows it: what is to be added to the
 * product has to come in through `init`.
 * A row of sums is the same chain of operations in every tile, so a result does not depend on which tile made
 * it. B is a packed panel, [k][8].
 */
import { madd } from './common';

/** Rows of the largest tile. */
export const MR: u32 = 6;
/** Columns of a tile and of a panel. */
export const NR: u32 = 8;

/** 6×8 with A packed as [k][6]. */
export function tilePacked6(
  k: u32, a: usize, b: usize, c: usize, ldc: usize, init: usize, ldinit: usize,
): void {
  let s00 = v128.load(init);
  let s01 = v128.load(init, 16);
  init += ldinit;
  let s10 = v128.load(init);
  let s11 = v128.load(init, 16);
  init += ldinit;
  let s20 = v128.load(init);
  let s21 = v128.load(init, 16);
  init += ldinit;
  let s30 = v128.load(init);
  let s31 = v128.load(init, 16);
  init += ldinit;
  let s40 = v128.load(init);
  let s41 = v128.load(init, 16);
  init += ldinit;
  let s50 = v128.load(init);
  let s51 = v128.load(init, 16);
  const end = b + (<usize>k << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let t = v128.load32_splat(a);
    s00 = madd(t, b0, s00);
    s01 = madd(t, b1, s01);
    t = v128.load32_splat(a, 4);
    s10 = madd(t, b0, s10);
    s11 = madd(t, b1, s11);
    t = v128.load32_splat(a, 8);
    s20 = madd(t, b0, s20);
    s21 = madd(t, b1, s21);
    t = v128.load32_splat(a, 12);
    s30 = madd(t, b0, s30);
    s31 = madd(t, b1, s31);
    t = v128.load32_splat(a, 16);
    s40 = madd(t, b0, s40);
    s41 = madd(t, b1, s41);
    t = v128.load32_splat(a, 20);
    s50 = madd(t, b0, s50);
    s51 = madd(t, b1, s51);
    a += 24;
    b += 32;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  c += ldc;
  v128.store(c, s10);
  v128.store(c, s11, 16);
  c += ldc;
  v128.store(c, s20);
  v128.store(c, s21, 16);
  c += ldc;
  v128.store(c, s30);
  v128.store(c, s31, 16);
  c += ldc;
  v128.store(c, s40);
  v128.store(c, s41, 16);
  c += ldc;
  v128.store(c, s50);
  v128.store(c, s51, 16);
}

/** 6×8 with A in rows `lda` bytes apart. */
export function tileRows6(
  k: u32, a: usize, lda: usize, b: usize, c: usize, ldc: usize, init: usize, ldinit: usize,
): void {
  let a1 = a + lda;
  let a2 = a1 + lda;
  let a3 = a2 + lda;
  let a4 = a3 + lda;
  let a5 = a4 + lda;
  let s00 = v128.load(init);
  let s01 = v128.load(init, 16);
  init += ldinit;
  let s10 = v128.load(init);
  let s11 = v128.load(init, 16);
  init += ldinit;
  let s20 = v128.load(init);
  let s21 = v128.load(init, 16);
  init += ldinit;
  let s30 = v128.load(init);
  let s31 = v128.load(init, 16);
  init += ldinit;
  let s40 = v128.load(init);
  let s41 = v128.load(init, 16);
  init += ldinit;
  let s50 = v128.load(init);
  let s51 = v128.load(init, 16);
  const end = b + (<usize>k << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let t = v128.load32_splat(a);
    s00 = madd(t, b0, s00);
    s01 = madd(t, b1, s01);
    t = v128.load32_splat(a1);
    s10 = madd(t, b0, s10);
    s11 = madd(t, b1, s11);
    t = v128.load32_splat(a2);
    s20 = madd(t, b0, s20);
    s21 = madd(t, b1, s21);
    t = v128.load32_splat(a3);
    s30 = madd(t, b0, s30);
    s31 = madd(t, b1, s31);
    t = v128.load32_splat(a4);
    s40 = madd(t, b0, s40);
    s41 = madd(t, b1, s41);
    t = v128.load32_splat(a5);
    s50 = madd(t, b0, s50);
    s51 = madd(t, b1, s51);
    a += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    a4 += 4;
    a5 += 4;
    b += 32;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  c += ldc;
  v128.store(c, s10);
  v128.store(c, s11, 16);
  c += ldc;
  v128.store(c, s20);
  v128.store(c, s21, 16);
  c += ldc;
  v128.store(c, s30);
  v128.store(c, s31, 16);
  c += ldc;
  v128.store(c, s40);
  v128.store(c, s41, 16);
  c += ldc;
  v128.store(c, s50);
  v128.store(c, s51, 16);
}

/** 2×8 with A in rows `lda` bytes apart. */
export function tileRows2(
  k: u32, a: usize, lda: usize, b: usize, c: usize, ldc: usize, init: usize, ldinit: usize,
): void {
  let a1 = a + lda;
  let s00 = v128.load(init);
  let s01 = v128.load(init, 16);
  init += ldinit;
  let s10 = v128.load(init);
  let s11 = v128.load(init, 16);
  const end = b + (<usize>k << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let t = v128.load32_splat(a);
    s00 = madd(t, b0, s00);
    s01 = madd(t, b1, s01);
    t = v128.load32_splat(a1);
    s10 = madd(t, b0, s10);
    s11 = madd(t, b1, s11);
    a += 4;
    a1 += 4;
    b += 32;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  c += ldc;
  v128.store(c, s10);
  v128.store(c, s11, 16);
}

/** 1×8 with A in rows `lda` bytes apart. */
export function tileRows1(
  k: u32, a: usize, lda: usize, b: usize, c: usize, ldc: usize, init: usize, ldinit: usize,
): void {
  let s00 = v128.load(init);
  let s01 = v128.load(init, 16);
  const end = b + (<usize>k << 5);
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let t = v128.load32_splat(a);
    s00 = madd(t, b0, s00);
    s01 = madd(t, b1, s01);
    a += 4;
    b += 32;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
}
