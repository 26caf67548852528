// A product C[m,n] = Σ_k A(m,k)·B(n,k) without workgroup memory or barriers: an invocation keeps 8×8 sums in
// registers, so that sixteen loads serve 64 multiply-adds. Made for adapters on which a barrier or a hop through
// workgroup memory costs more than a load: software ones. The including kernel defines
//   rows(), columns()       how many m and n there are
//   a_at(m, k), b_at(n, k)  where an element lies, linear in k
//   load_a(at), load_b(at)  an element
//   what finish.wgsl asks for
// @include common/finish.wgsl
override WORKGROUP_X: u32 = 8u;
override WORKGROUP_Y: u32 = 8u;

// What storage is read and written by: here a number at a time, so that every size will do.
alias Element = f32;
const ELEMENT = 1u;

fn tiles_across() -> u32 {
  return (columns() + 8u * WORKGROUP_X - 1u) / (8u * WORKGROUP_X);
}

fn tile_count() -> u32 {
  return tiles_across() * ((rows() + 8u * WORKGROUP_Y - 1u) / (8u * WORKGROUP_Y));
}

fn load_four_b(at: vec4u) -> vec4f {
  return vec4f(load_b(at.x), load_b(at.y), load_b(at.z), load_b(at.w));
}

// Eight sums of a row whose columns lie WORKGROUP_X apart, all of them inside.
fn finish_row(at: u32, sums: mat2x4f) {
  var low = sums[0];
  var high = sums[1];
  let columns = vec4u(at, at + WORKGROUP_X, at + 2u * WORKGROUP_X, at + 3u * WORKGROUP_X);
  let others = columns + 4u * WORKGROUP_X;
  if (adds()) {
    low += vec4f(added(columns.x), added(columns.y), added(columns.z), added(columns.w));
    high += vec4f(added(others.x), added(others.y), added(others.z), added(others.w));
  }
  put(columns.x, low.x);
  put(columns.y, low.y);
  put(columns.z, low.z);
  put(columns.w, low.w);
  put(others.x, high.x);
  put(others.y, high.y);
  put(others.z, high.z);
  put(others.w, high.w);
}

fn finish_edge(m: u32, n: vec4u, part: u32, sums: vec4f) {
  for (var i = 0u; i < 4u; i++) {
    if (m < rows() && n[i] < columns()) {
      finish(m, n[i], part, sums[i]);
    }
  }
}

// Sums tile number `tile` over k in [begin_k, end_k), in order. An invocation's columns lie WORKGROUP_X apart, so that
// neighbours read and write neighbouring addresses; rows and columns past the last are that one again, and not kept.
fn tile_product(tile: u32, part: u32, begin_k: u32, end_k: u32, local_id: vec3u) {
  let first_m = (tile / tiles_across() * WORKGROUP_Y + local_id.y) * 8u;
  let first_n = tile % tiles_across() * 8u * WORKGROUP_X + local_id.x;
  if (first_m >= rows() || first_n >= columns()) {
    return;
  }
  let m_low = vec4u(first_m, first_m + 1u, first_m + 2u, first_m + 3u);
  let m_high = m_low + 4u;
  let n_low = vec4u(first_n, first_n + WORKGROUP_X, first_n + 2u * WORKGROUP_X, first_n + 3u * WORKGROUP_X);
  let n_high = n_low + 4u * WORKGROUP_X;
  let last_m = vec4u(rows() - 1u);
  let last_n = vec4u(columns() - 1u);
  let start_m = a_at(1u, 0u);
  let start_n = b_at(1u, 0u);
  let a_low = min(m_low, last_m) * start_m;
  let a_high = min(m_high, last_m) * start_m;
  let b_low = min(n_low, last_n) * start_n;
  let b_high = min(n_high, last_n) * start_n;
  var sum_0 = mat2x4f();
  var sum_1 = mat2x4f();
  var sum_2 = mat2x4f();
  var sum_3 = mat2x4f();
  var sum_4 = mat2x4f();
  var sum_5 = mat2x4f();
  var sum_6 = mat2x4f();
  var sum_7 = mat2x4f();
  for (var k = begin_k; k < end_k; k++) {
    let b_k = b_at(0u, k);
    let b = mat2x4f(load_four_b(b_low + b_k), load_four_b(b_high + b_k));
    let a_k = a_at(0u, k);
    sum_0 += load_a(a_low.x + a_k) * b;
    sum_1 += load_a(a_low.y + a_k) * b;
    sum_2 += load_a(a_low.z + a_k) * b;
    sum_3 += load_a(a_low.w + a_k) * b;
    sum_4 += load_a(a_high.x + a_k) * b;
    sum_5 += load_a(a_high.y + a_k) * b;
    sum_6 += load_a(a_high.z + a_k) * b;
    sum_7 += load_a(a_high.w + a_k) * b;
  }
  // Branches cost a software adapter more than what they skip: one for all rows that are wholly inside.
  if (first_m + 8u <= rows() && first_n + 7u * WORKGROUP_X < columns()) {
    let start = mat2x4f(
      vec4f(column_start(n_low.x), column_start(n_low.y), column_start(n_low.z), column_start(n_low.w)),
      vec4f(column_start(n_high.x), column_start(n_high.y), column_start(n_high.z), column_start(n_high.w)),
    );
    let at = out_at(first_m, first_n, part);
    let stride = out_at(1u, 0u, 0u);
    finish_row(at, sum_0 + start);
    finish_row(at + stride, sum_1 + start);
    finish_row(at + 2u * stride, sum_2 + start);
    finish_row(at + 3u * stride, sum_3 + start);
    finish_row(at + 4u * stride, sum_4 + start);
    finish_row(at + 5u * stride, sum_5 + start);
    finish_row(at + 6u * stride, sum_6 + start);
    finish_row(at + 7u * stride, sum_7 + start);
  } else {
    finish_edge(m_low.x, n_low, part, sum_0[0]);
    finish_edge(m_low.x, n_high, part, sum_0[1]);
    finish_edge(m_low.y, n_low, part, sum_1[0]);
    finish_edge(m_low.y, n_high, part, sum_1[1]);
    finish_edge(m_low.z, n_low, part, sum_2[0]);
    finish_edge(m_low.z, n_high, part, sum_2[1]);
    finish_edge(m_low.w, n_low, part, sum_3[0]);
    finish_edge(m_low.w, n_high, part, sum_3[1]);
    finish_edge(m_high.x, n_low, part, sum_4[0]);
    finish_edge(m_high.x, n_high, part, sum_4[1]);
    finish_edge(m_high.y, n_low, part, sum_5[0]);
    finish_edge(m_high.y, n_high, part, sum_5[1]);
    finish_edge(m_high.z, n_low, part, sum_6[0]);
    finish_edge(m_high.z, n_high, part, sum_6[1]);
    finish_edge(m_high.w, n_low, part, sum_7[0]);
    finish_edge(m_high.w, n_high, part, sum_7[1]);
  }
}
