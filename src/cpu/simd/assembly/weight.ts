/** The product over samples: linear_backward_weight. */
import { binding, int } from './common';
import { MR, NR, tilePacked6 } from './micro';
import { packColumns, packRows } from './pack';

/** Samples of one pass: a panel of x of that length takes 8 KiB. */
const SAMPLES: u32 = 256;
/** Outputs of one pass, a multiple of MR: their packed part of dy takes 192 KiB. */
const OUTPUTS: u32 = 192;

/** Scratch of a thread: 8 zeros, the bias sums, one tile, a panel of x, blocks of dy. */
const SUMS: usize = 64;
const TILE: usize = 1024;
const PANEL: usize = 2048;
const BLOCKS: usize = PANEL + 32 * 256;

/**
 * dweight for outputs [o0, o1) and panels of inputs [p0, p1). Every element is a sum over the samples in
 * order, whatever the ranges, so that the result does not depend on how threads share the work.
 */
function weightProduct(
  d: usize,
  o0: u32,
  o1: u32,
  p0: u32,
  p1: u32,
  scratch: usize,
): void {
  const x = binding(d, 0);
  const dy = binding(d, 1);
  const dweight = binding(d, 2);
  const dbias = binding(d, 3);
  const batch = int(d, 4, 0);
  const inputs = int(d, 4, 1);
  const outputs = int(d, 4, 2);
  const accumulate = int(d, 4, 3) != 0;
  const accumulateBias = int(d, 4, 4) != 0;
  const ldx = <usize>inputs << 2;
  const ldy = <usize>outputs << 2;
  memory.fill(scratch, 0, 32);
  for (let ob = o0; ob < o1; ob += OUTPUTS) {
    const oe = min<u32>(o1, ob + OUTPUTS);
    for (let b: u32 = 0; b < batch; b += SAMPLES) {
      const depth = min<u32>(SAMPLES, batch - b);
      const fresh = b == 0 && !accumulate;
      const freshBias = b == 0 && !accumulateBias;
      const block = <usize>depth * MR * 4;
      let to = scratch + BLOCKS;
      for (let o = ob; o < oe; o += MR) {
        const rows = min<u32>(MR, oe - o);
        const sums = scratch + SUMS;
        for (let r: u32 = 0; r < MR; r++) {
          store<f32>(sums + (r << 2), freshBias || r >= rows ? 0 : load<f32>(dbias + ((o + r) << 2)));
        }
        packRows(to, dy + b * ldy + (o << 2), ldy, depth, rows, sums);
        if (p0 == 0) memory.copy(dbias + (o << 2), sums, rows << 2);
        to += block;
      }
      for (let p = p0; p < p1; p++) {
        const i = p * NR;
        const columns = min<u32>(NR, inputs - i);
        packColumns(scratch + PANEL, x + b * ldx + (i << 2), ldx, depth, columns);
        let from = scratch + BLOCKS;
        for (let o = ob; o < oe; o += MR) {
          const rows = min<u32>(MR, oe - o);
          const c = dweight + o * ldx + (i << 2);
          if (rows == MR && columns == NR) {
            tilePacked6(depth, from, scratch + PANEL, c, ldx, fresh ? scratch : c, fresh ? 0 : ldx);
          } else {
            edge(depth, from, scratch + PANEL, c, ldx, fresh, rows, columns, scratch);
          }
          from += block;
        }
      }
    }
  }
}

/** A tile that is cut off goes through scratch. */
function edge(
  depth: u32,
  a: usize,
  b: usize,
  c: usize,
  ldc: usize,
  fresh: bool,
  rows: u32,
  columns: u32,
  scratch: usize,
): void {
  const tile = scratch + TILE;
  memory.fill(tile, 0, MR * NR * 4);
  if (!fresh) {
    for (let r: u32 = 0; r < rows; r++) memory.copy(tile + (r << 5), c + r * ldc, columns << 2);
  }
  tilePacked6(depth, a, b, tile, 32, tile, 32);
  for (let r: u32 = 0; r < rows; r++) memory.copy(c + r * ldc, tile + (r << 5), columns << 2);
}

/** Items are blocks of six outputs. */
export function linear_backward_weight(d: usize, start: u32, end: u32, scratch: usize): void {
  const panels = (int(d, 4, 1) + NR - 1) / NR;
  weightProduct(d, start * MR, min<u32>(end * MR, int(d, 4, 2)), 0, panels, scratch);
}

/** Items are panels of eight inputs: for a layer with more inputs than outputs. */
export function linear_backward_weight_panels(d: usize, start: u32, end: u32, scratch: usize): void {
  weightProduct(d, 0, int(d, 4, 2), start, end, scratch);
}
