/** The products over rows of activations: linear_forward, linear_backward_input, and packing their weights. */
import { binding, int } from './common';
import { MR, NR, tileRows1, tileRows2, tileRows6 } from './micro';
import { packColumns, packTransposed } from './pack';

/**
 * When panels are packed on the way: the inner length of one pass; the panels packed at once, which stay in an
 * L2 cache; and the rows of A that meet all of them while they stay in an L1 cache, next to a panel or two.
 */
const INNER: u32 = 512;
const PANELS: u32 = 12;
const ROWS: u32 = 12;

/** Scratch of a thread: 64 zeros or one tile, then panels. */
const TILE: usize = 256;
const PACKED: usize = 1024;

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
  columns: u32,
  tile: usize,
): void {
  const whole = columns == NR;
  // A panel that is cut off goes through a whole tile in scratch; what it reads too much is not kept.
  const ldto: usize = whole ? ldc : 32;
  while (rows > 0) {
    const height: u32 = rows >= MR ? MR : rows >= 2 ? 2 : 1;
    const to = whole ? c : tile;
    if (height == MR) tileRows6(k, a, lda, b, to, ldto, init, ldinit);
    else if (height == 2) tileRows2(k, a, lda, b, to, ldto, init, ldinit);
    else tileRows1(k, a, lda, b, to, ldto, init, ldinit);
    if (!whole) copyTile(c, ldc, tile, height, columns);
    a += height * lda;
    c += height * ldc;
    init += height * ldinit;
    rows -= height;
  }
}

function copyTile(to: usize, ldto: usize, tile: usize, rows: u32, columns: u32): void {
  for (let r: u32 = 0; r < rows; r++) memory.copy(to + r * ldto, tile + (r << 5), columns << 2);
}

/** Columns [from, to) of C = bias + residual: where the product of a layer with a residual starts. */
function startWithResidual(
  c: usize,
  residual: usize,
  bias: usize,
  rows: u32,
  n: u32,
  from: u32,
  to: u32,
): void {
  for (let r: u32 = 0; r < rows; r++) {
    let j = from;
    for (; j + 4 <= to; j += 4) {
      const at = <usize>j << 2;
      v128.store(c + at, f32x4.add(v128.load(bias + at), v128.load(residual + at)));
    }
    for (; j < to; j++) {
      const at = <usize>j << 2;
      store<f32>(c + at, load<f32>(bias + at) + load<f32>(residual + at));
    }
    c += n << 2;
    residual += n << 2;
  }
}

/** Rows [start, end) of C (n columns) = init + A (k columns) · packed B. */
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
  scratch: usize,
): void {
  const lda = <usize>k << 2;
  const ldc = <usize>n << 2;
  a += start * lda;
  c += start * ldc;
  init += start * ldinit;
  for (let j: u32 = 0; j < n; j += NR) {
    panel(end - start, k, a, lda, packed, c, ldc, init, ldinit, min<u32>(NR, n - j), scratch + TILE);
    packed += <usize>k << 5;
    c += 32;
    init += stepInit;
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
  scratch: usize,
): void {
  const lda = <usize>k << 2;
  const ldc = <usize>n << 2;
  for (let inner: u32 = 0; inner < k; inner += INNER) {
    const depth = min<u32>(INNER, k - inner);
    for (let first = start; first < end; first += PANELS) {
      const last = min<u32>(end, first + PANELS);
      let packed = scratch + PACKED;
      for (let p = first; p < last; p++) {
        const j = p * NR;
        const columns = min<u32>(NR, n - j);
        if (transposed) {
          packTransposed(packed, weight + (j * k + inner) * 4, lda, depth, columns);
        } else {
          packColumns(packed, weight + (inner * n + j) * 4, ldc, depth, columns);
        }
        packed += depth << 5;
      }
      for (let row: u32 = 0; row < m; row += ROWS) {
        const rows = min<u32>(ROWS, m - row);
        const from = a + row * lda + (inner << 2);
        packed = scratch + PACKED;
        for (let p = first; p < last; p++) {
          const j = p * NR;
          const to = c + row * ldc + (j << 2);
          const begin = inner == 0 ? init + row * ldinit + p * stepInit : to;
          panel(
            rows, depth, from, lda, packed, to, ldc, begin, inner == 0 ? ldinit : ldc,
            min<u32>(NR, n - j), scratch + TILE,
          );
          packed += depth << 5;
        }
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
  const bias = binding(d, 2);
  const y = binding(d, 4);
  const ld = <usize>outputs << 2;
  const added = int(d, 5, 3) != 0;
  if (added) {
    startWithResidual(y + start * ld, binding(d, 3) + start * ld, bias, end - start, outputs, 0, outputs);
  }
  const init = added ? y : bias;
  rowsProduct(start, end, outputs, inputs, binding(d, 0), binding(d, 1), y, init, added ? ld : 0, 32, scratch);
}

/** Items are panels of eight outputs. */
export function linear_forward_panels(d: usize, start: u32, end: u32, scratch: usize): void {
  const batch = int(d, 5, 0);
  const inputs = int(d, 5, 1);
  const outputs = int(d, 5, 2);
  const bias = binding(d, 2);
  const y = binding(d, 4);
  const ld = <usize>outputs << 2;
  const added = int(d, 5, 3) != 0;
  if (added) {
    startWithResidual(y, binding(d, 3), bias, batch, outputs, start * NR, min<u32>(end * NR, outputs));
  }
  const init = added ? y : bias;
  panelsProduct(
    start, end, batch, outputs, inputs, binding(d, 0), binding(d, 1), true, y, init, added ? ld : 0, 32,
    scratch,
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
  rowsProduct(start, end, inputs, outputs, binding(d, 0), binding(d, 1), dx, init, ld, step, scratch);
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
    start, end, batch, inputs, outputs, binding(d, 0), binding(d, 1), false, dx, init, ld, step, scratch,
  );
}
