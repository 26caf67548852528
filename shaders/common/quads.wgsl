// A product C[m,n] = Σ_k A(m,k)·B(n,k) without workgroup memory: four neighbouring invocations, a quad, hold 16×16 sums,
// each of them 16 rows of four columns. Each loads a quarter of the rows, and hands it on to the others from register
// to register. For sizes that are multiples of 4; what the including kernel defines is said in blocks.wgsl.
// @include common/quad_tile.wgsl
// @include common/blocks.wgsl

// Sums tile number `tile` over k in [begin_k, end_k), in order. All four of a quad go through it together, those past
// the last row or column too.
fn tile_product(tile: u32, part: u32, begin_k: u32, end_k: u32, local_id: vec3u) {
  let first_m4 = (tile / tiles_across() * WORKGROUP_Y + local_id.y) * 4u;
  let n4 = tile % tiles_across() * WORKGROUP_X + local_id.x;
  let own_m4 = first_m4 + local_id.x % 4u;
  // Of this invocation's columns, a row a column of the matrix: rows 0 … 3 of the quad, 4 … 7, 8 … 11, 12 … 15.
  var sums_0 = mat4x4f();
  var sums_1 = mat4x4f();
  var sums_2 = mat4x4f();
  var sums_3 = mat4x4f();
  var k = begin_k;
  for (; k + 4u <= end_k; k += 4u) {
    let a = block_a(own_m4, k);
    let b = block_b(n4, k);
    sums_0 = sums_0 + outer(quadBroadcast(a[0], 0u), b[0]);
    sums_1 = sums_1 + outer(quadBroadcast(a[0], 1u), b[0]);
    sums_2 = sums_2 + outer(quadBroadcast(a[0], 2u), b[0]);
    sums_3 = sums_3 + outer(quadBroadcast(a[0], 3u), b[0]);
    sums_0 = sums_0 + outer(quadBroadcast(a[1], 0u), b[1]);
    sums_1 = sums_1 + outer(quadBroadcast(a[1], 1u), b[1]);
    sums_2 = sums_2 + outer(quadBroadcast(a[1], 2u), b[1]);
    sums_3 = sums_3 + outer(quadBroadcast(a[1], 3u), b[1]);
    sums_0 = sums_0 + outer(quadBroadcast(a[2], 0u), b[2]);
    sums_1 = sums_1 + outer(quadBroadcast(a[2], 1u), b[2]);
    sums_2 = sums_2 + outer(quadBroadcast(a[2], 2u), b[2]);
    sums_3 = sums_3 + outer(quadBroadcast(a[2], 3u), b[2]);
    sums_0 = sums_0 + outer(quadBroadcast(a[3], 0u), b[3]);
    sums_1 = sums_1 + outer(quadBroadcast(a[3], 1u), b[3]);
    sums_2 = sums_2 + outer(quadBroadcast(a[3], 2u), b[3]);
    sums_3 = sums_3 + outer(quadBroadcast(a[3], 3u), b[3]);
  }
  // Along k sizes are multiples of 4; else what is left comes one by one.
  if (!A_ALONG_K && !B_ALONG_K) {
    for (; k < end_k; k++) {
      let a = load_a(a_at(min(own_m4, (rows() - 1u) / 4u), k));
      let b = load_b(b_at(min(n4, (columns() - 1u) / 4u), k));
      sums_0 = sums_0 + outer(quadBroadcast(a, 0u), b);
      sums_1 = sums_1 + outer(quadBroadcast(a, 1u), b);
      sums_2 = sums_2 + outer(quadBroadcast(a, 2u), b);
      sums_3 = sums_3 + outer(quadBroadcast(a, 3u), b);
    }
  }
  finish_rows(4u * first_m4, n4, part, sums_0);
  finish_rows(4u * first_m4 + 4u, n4, part, sums_1);
  finish_rows(4u * first_m4 + 8u, n4, part, sums_2);
  finish_rows(4u * first_m4 + 12u, n4, part, sums_3);
}
