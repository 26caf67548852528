/** The products over rows of activations: linear_forward, linear_backward_input, and packing their weights. */
import { binding, int } from './common';
import { MR, NR, tileRows1, tileRows2, tileRows6 } from './micro';
import { packColumns, packTransposed } from './pack';

/** Inner length of one pass when panels are packed on the way: a panel of it fills a third of an L1 cache. */
const INNER: u32 = 512;
/** Rows of one pass then, so that their part of A stays in an L2 cache. */
const ROWS: u32 = 384;

/** Scratch of a thread: 64 zeros or one tile, then a panel. */
const TILE: usize = 256;
const PANEL: usize = 1024;

/** One panel of columns of C for rows of A, by the largest tiles that fit. */
function panel(
  rows: u32,
  k: u32,
  a: usize,
  lda: usize,
  b: usize,
  c: usize,
  ldc: usize,
  init: usize,
  ldinit: usize,
  add: usize,
  columns: u32,
  tile: usize,
): void {
  const whole = columns == NR;
  let row: u32 = 0;
  while (row < rows) {
    const left = rows - row;
    const height: u32 = left >= MR ? MR : left >= 2 ? 2 : 1;
    // A panel that is cut off goes through a whole tile in scratch; what it reads too much is not kept.
    let to = c;
    let ldto = ldc;
    if (!whole) {
      if (add != 0) copyTile(tile, 32, add, ldc, height, columns);
      to = tile;
      ldto = 32;
    }
    const plus = add != 0 && !whole ? tile : add;
    if (height == MR) tileRows6(k, a, lda, b, to, ldto, init, ldinit, plus);
    else if (height == 2) tileRows2(k, a, lda, b, to, ldto, init, ldinit, plus);
    else tileRows1(k, a, lda, b, to, ldto, init, ldinit, plus);
    if (!whole) copyTile(c, ldc, tile, 32, height, columns);
    a += height * lda;
    c += height * ldc;
    init += height * ldinit;
    if (add != 0) add += height * ldc;
    row += height;
  }
}

function copyTile(to: usize, ldto: usize, from: usize, ldfrom: usize, rows: u32, columns: u32): void {
  for (let r: u32 = 0; r < rows; r++) {
    for (let j: u32 = 0; j < columns; j++) {
      store<f32>(to + r * ldto + (j << 2), load<f32>(from + r * ldfrom + (j << 2)));
    }
  }
}

/** Rows [start, end) of C (n columns) = init + A (k columns) · packed B (+ add). */
function rowsProduct(
  start: u32,
  end: u32,
  n: u32,
  k: u32,
  a: usize,
  packed: usize,
  c: usize,
  init: usize,
  ldinit: usize,
  stepInit: usize,
  add: usize,
  scratch: usize,
): void {
  const lda = <usize>k << 2;
  const ldc = <usize>n << 2;
  a += start * lda;
  c += start * ldc;
  init += start * ldinit;
  if (add != 0) add += start * ldc;
  for (let j: u32 = 0; j < n; j += NR) {
    panel(end - start, k, a, lda, packed, c, ldc, init, ldinit, add, min<u32>(NR, n - j), scratch + TILE);
    packed += <usize>k << 5;
    c += 32;
    init += stepInit;
    if (add != 0) add += 32;
  }
}

/**
 * Panels [start, end) of C, all rows, packing B on the way: for weights too large to keep a second copy.
 * @param transposed whether B is the transpose of the stored matrix, whose rows are `ldw` bytes apart
 */
function panelsProduct(
  start: u32,
  end: u32,
  m: u32,
  n: u32,
  k: u32,
  a: usize,
  weight: usize,
  transposed: bool,
  c: usize,
  init: usize,
  ldinit: usize,
  stepInit: usize,
  add: usize,
  scratch: usize,
): void {
  const lda = <usize>k << 2;
  const ldc = <usize>n << 2;
  for (let row: u32 = 0; row < m; row += ROWS) {
    const rows = min<u32>(ROWS, m - row);
    for (let inner: u32 = 0; inner < k; inner += INNER) {
      const depth = min<u32>(INNER, k - inner);
      const last = inner + depth == k;
      for (let p = start; p < end; p++) {
        const j = p * NR;
        const columns = min<u32>(NR, n - j);
        if (transposed) {
          packTransposed(scratch + PANEL, weight + (j * k + inner) * 4, lda, depth, columns);
        } else {
          packColumns(scratch + PANEL, weight + (inner * n + j) * 4, ldc, depth, columns);
        }
        const to = c + row * ldc + (j << 2);
        panel(
          rows,
          depth,
          a + row * lda + (inner << 2),
          lda,
          scratch + PANEL,
          to,
          ldc,
          inner == 0 ? init + row * ldinit + p * stepInit : to,
          inner == 0 ? ldinit : ldc,
          last && add != 0 ? add + row * ldc + (j << 2) : 0,
          columns,
          scratch + TILE,
        );
      }
    }
  }
}

/** Items are panels of eight outputs: [⌈outputs/8⌉][inputs][8]. */
export function pack_forward(d: usize, start: u32, end: u32, scratch: usize): void {
  const weight = binding(d, 0);
  const inputs = int(d, 2, 0);
  const outputs = int(d, 2, 1);
  const ld = <usize>inputs << 2;
  for (let p = start; p < end; p++) {
    const o = p * NR;
    packTransposed(binding(d, 1) + o * ld, weight + o * ld, ld, inputs, min<u32>(NR, outputs - o));
  }
}

/** Items are panels of eight inputs: [⌈inputs/8⌉][outputs][8]. */
export function pack_backward(d: usize, start: u32, end: u32, scratch: usize): void {
  const weight = binding(d, 0);
  const inputs = int(d, 2, 0);
  const outputs = int(d, 2, 1);
  for (let p = start; p < end; p++) {
    const i = p * NR;
    const columns = min<u32>(NR, inputs - i);
    packColumns(binding(d, 1) + i * (outputs << 2), weight + (i << 2), <usize>inputs << 2, outputs, columns);
  }
}

/** Items are rows, and the second argument the packed weight. */
export function linear_forward(d: usize, start: u32, end: u32, scratch: usize): void {
  const inputs = int(d, 5, 1);
  const outputs = int(d, 5, 2);
  const residual = int(d, 5, 3) != 0 ? binding(d, 3) : 0;
  const bias = binding(d, 2);
  rowsProduct(start, end, outputs, inputs, binding(d, 0), binding(d, 1), binding(d, 4), bias, 0, 32, residual, scratch);
}

/** Items are panels of eight outputs. */
export function linear_forward_panels(d: usize, start: u32, end: u32, scratch: usize): void {
  const batch = int(d, 5, 0);
  const inputs = int(d, 5, 1);
  const outputs = int(d, 5, 2);
  const residual = int(d, 5, 3) != 0 ? binding(d, 3) : 0;
  const bias = binding(d, 2);
  panelsProduct(
    start, end, batch, outputs, inputs, binding(d, 0), binding(d, 1), true, binding(d, 4), bias, 0, 32,
    residual, scratch,
  );
}

/** Items are rows, and the second argument the packed weight. */
export function linear_backward_input(d: usize, start: u32, end: u32, scratch: usize): void {
  const inputs = int(d, 3, 1);
  const outputs = int(d, 3, 2);
  const dx = binding(d, 2);
  const accumulate = int(d, 3, 3) != 0;
  if (!accumulate) memory.fill(scratch, 0, 32);
  const init = accumulate ? dx : scratch;
  const ld: usize = accumulate ? <usize>inputs << 2 : 0;
  const step: usize = accumulate ? 32 : 0;
  rowsProduct(start, end, inputs, outputs, binding(d, 0), binding(d, 1), dx, init, ld, step, 0, scratch);
}

/** Items are panels of eight inputs. */
export function linear_backward_input_panels(d: usize, start: u32, end: u32, scratch: usize): void {
  const batch = int(d, 3, 0);
  const inputs = int(d, 3, 1);
  const outputs = int(d, 3, 2);
  const dx = binding(d, 2);
  const accumulate = int(d, 3, 3) != 0;
  if (!accumulate) memory.fill(scratch, 0, 32);
  const init = accumulate ? dx : scratch;
  const ld: usize = accumulate ? <usize>inputs << 2 : 0;
  const step: usize = accumulate ? 32 : 0;
  panelsProduct(
    start, end, batch, inputs, outputs, binding(d, 0), binding(d, 1), false, dx, init, ld, step, 0, scratch,
  );
}
