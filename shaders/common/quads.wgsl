// A product C[m,n] = Σ_k A(m,k)·B(n,k) without workgroup memory: four neighbouring invocations, a quad, hold 16×32 sums,
// each of them 16 rows of eight columns. Each loads a quarter of the rows, and hands it on to the others from register
// to register. For sizes that are multiples of 4; what the including kernel defines is said in blocks.wgsl.
// @include common/quad_tile.wgsl
// @include common/blocks.wgsl

override WORKGROUP_X: u32 = 4u;
override WORKGROUP_Y: u32 = 8u;
const COLUMNS4 = 2u;

// Sums tile number `tile` over k in [begin_k, end_k), in order. All four of a quad go through it together, those past
// the last row or column too.
fn tile_product(tile: u32, part: u32, begin_k: u32, end_k: u32, local_id: vec3u) {
  let first_m4 = (tile / tiles_across() * WORKGROUP_Y + local_id.y) * 4u;
  let n4 = (tile % tiles_across() * WORKGROUP_X + local_id.x) * COLUMNS4;
  let own_m4 = first_m4 + local_id.x % 4u;
  // Of this invocation's columns, a row a column of the matrix: rows 0 … 3 of the quad, 4 … 7, 8 … 11, 12 … 15, in the
  // first four columns and in the second.
  var left_0 = mat4x4f();
  var left_1 = mat4x4f();
  var left_2 = mat4x4f();
  var left_3 = mat4x4f();
  var right_0 = mat4x4f();
  var right_1 = mat4x4f();
  var right_2 = mat4x4f();
  var right_3 = mat4x4f();
  var k = begin_k;
  for (; k + 4u <= end_k; k += 4u) {
    let a = block_a(own_m4, k);
    let left = block_b(n4, k);
    let right = block_b(n4 + 1u, k);
    let row_00 = quadBroadcast(a[0], 0u);
    left_0 = left_0 + outer(row_00, left[0]);
    right_0 = right_0 + outer(row_00, right[0]);
    let row_01 = quadBroadcast(a[0], 1u);
    left_1 = left_1 + outer(row_01, left[0]);
    right_1 = right_1 + outer(row_01, right[0]);
    let row_02 = quadBroadcast(a[0], 2u);
    left_2 = left_2 + outer(row_02, left[0]);
    right_2 = right_2 + outer(row_02, right[0]);
    let row_03 = quadBroadcast(a[0], 3u);
    left_3 = left_3 + outer(row_03, left[0]);
    right_3 = right_3 + outer(row_03, right[0]);
    let row_10 = quadBroadcast(a[1], 0u);
    left_0 = left_0 + outer(row_10, left[1]);
    right_0 = right_0 + outer(row_10, right[1]);
    let row_11 = quadBroadcast(a[1], 1u);
    left_1 = left_1 + outer(row_11, left[1]);
    right_1 = right_1 + outer(row_11, right[1]);
    let row_12 = quadBroadcast(a[1], 2u);
    left_2 = left_2 + outer(row_12, left[1]);
    right_2 = right_2 + outer(row_12, right[1]);
    let row_13 = quadBroadcast(a[1], 3u);
    left_3 = left_3 + outer(row_13, left[1]);
    right_3 = right_3 + outer(row_13, right[1]);
    let row_20 = quadBroadcast(a[2], 0u);
    left_0 = left_0 + outer(row_20, left[2]);
    right_0 = right_0 + outer(row_20, right[2]);
    let row_21 = quadBroadcast(a[2], 1u);
    left_1 = left_1 + outer(row_21, left[2]);
    right_1 = right_1 + outer(row_21, right[2]);
    let row_22 = quadBroadcast(a[2], 2u);
    left_2 = left_2 + outer(row_22, left[2]);
    right_2 = right_2 + outer(row_22, right[2]);
    let row_23 = quadBroadcast(a[2], 3u);
    left_3 = left_3 + outer(row_23, left[2]);
    right_3 = right_3 + outer(row_23, right[2]);
    let row_30 = quadBroadcast(a[3], 0u);
    left_0 = left_0 + outer(row_30, left[3]);
    right_0 = right_0 + outer(row_30, right[3]);
    let row_31 = quadBroadcast(a[3], 1u);
    left_1 = left_1 + outer(row_31, left[3]);
    right_1 = right_1 + outer(row_31, right[3]);
    let row_32 = quadBroadcast(a[3], 2u);
    left_2 = left_2 + outer(row_32, left[3]);
    right_2 = right_2 + outer(row_32, right[3]);
    let row_33 = quadBroadcast(a[3], 3u);
    left_3 = left_3 + outer(row_33, left[3]);
    right_3 = right_3 + outer(row_33, right[3]);
  }
  // Along k sizes are multiples of 4; else what is left comes one by one.
  if (!A_ALONG_K && !B_ALONG_K) {
    for (; k < end_k; k++) {
      let a = load_a(a_at(min(own_m4, (rows() - 1u) / 4u), k));
      let left = load_b(b_at(min(n4, (columns() - 1u) / 4u), k));
      let right = load_b(b_at(min(n4 + 1u, (columns() - 1u) / 4u), k));
      let row_0 = quadBroadcast(a, 0u);
      left_0 = left_0 + outer(row_0, left);
      right_0 = right_0 + outer(row_0, right);
      let row_1 = quadBroadcast(a, 1u);
      left_1 = left_1 + outer(row_1, left);
      right_1 = right_1 + outer(row_1, right);
      let row_2 = quadBroadcast(a, 2u);
      left_2 = left_2 + outer(row_2, left);
      right_2 = right_2 + outer(row_2, right);
      let row_3 = quadBroadcast(a, 3u);
      left_3 = left_3 + outer(row_3, left);
      right_3 = right_3 + outer(row_3, right);
    }
  }
  finish_rows(4u * first_m4, n4, part, left_0);
  finish_rows(4u * first_m4, n4 + 1u, part, right_0);
  finish_rows(4u * first_m4 + 4u, n4, part, left_1);
  finish_rows(4u * first_m4 + 4u, n4 + 1u, part, right_1);
  finish_rows(4u * first_m4 + 8u, n4, part, left_2);
  finish_rows(4u * first_m4 + 8u, n4 + 1u, part, right_2);
  finish_rows(4u * first_m4 + 12u, n4, part, left_3);
  finish_rows(4u * first_m4 + 12u, n4 + 1u, part, right_3);
}
