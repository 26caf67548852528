// A product C[m,n] = Σ_k A(m,k)·B(n,k), a tile staged through workgroup memory at a time, with four numbers a load; an
// invocation holds 8×8 outputs in registers, so that four loads from workgroup memory serve 64 multiply-adds. For
// sizes that are multiples of 4; what the including kernel defines is said in blocks.wgsl, and as what a tile keeps four
// numbers in whole_tiles.wgsl or half_tiles.wgsl, one of which it includes before this.
// @include common/blocks.wgsl
override WORKGROUP_X: u32 = 8u;
override WORKGROUP_Y: u32 = 8u;
// How deep a tile is, in fours.
override TILE_K4: u32 = 4u;

// [4·TILE_K4, 2·WORKGROUP_Y] and [4·TILE_K4, 2·WORKGROUP_X]: four neighbouring m, or n, an element.
var<workgroup> tile_a: array<Kept, 8u * TILE_K4 * WORKGROUP_Y>;
var<workgroup> tile_b: array<Kept, 8u * TILE_K4 * WORKGROUP_X>;

fn tiles_across() -> u32 {
  return (columns() + 8u * WORKGROUP_X - 1u) / (8u * WORKGROUP_X);
}

fn tile_count() -> u32 {
  return tiles_across() * ((rows() + 8u * WORKGROUP_Y - 1u) / (8u * WORKGROUP_Y));
}

// Four k of four m: a column for each k. Past the last m it is that one again, past the last k nothing.
fn load_block_a(m4: u32, k: u32, end_k: u32) -> mat4x4f {
  let last_m = rows() - 1u;
  let m = min(4u * m4 + vec4u(0u, 1u, 2u, 3u), vec4u(last_m));
  var fours = mat4x4f();
  if (A_ALONG_K) {
    if (k < end_k) {
      let k4 = k / 4u;
      let across = mat4x4f(load_a(a_at(m.x, k4)), load_a(a_at(m.y, k4)), load_a(a_at(m.z, k4)), load_a(a_at(m.w, k4)));
      fours = transpose(across);
    }
  } else {
    let four = min(m4, last_m / 4u);
    for (var j = 0u; j < 4u; j++) {
      if (k + j < end_k) {
        fours[j] = load_a(a_at(four, k + j));
      }
    }
  }
  return fours;
}

fn load_block_b(n4: u32, k: u32, end_k: u32) -> mat4x4f {
  let last_n = columns() - 1u;
  let n = min(4u * n4 + vec4u(0u, 1u, 2u, 3u), vec4u(last_n));
  var fours = mat4x4f();
  if (B_ALONG_K) {
    if (k < end_k) {
      let k4 = k / 4u;
      let across = mat4x4f(load_b(b_at(n.x, k4)), load_b(b_at(n.y, k4)), load_b(b_at(n.z, k4)), load_b(b_at(n.w, k4)));
      fours = transpose(across);
    }
  } else {
    let four = min(n4, last_n / 4u);
    for (var j = 0u; j < 4u; j++) {
      if (k + j < end_k) {
        fours[j] = load_b(b_at(four, k + j));
      }
    }
  }
  return fours;
}

// Sums tile number `tile` over k in [begin_k, end_k), in order. Called by the whole workgroup. An invocation's fours of
// rows, and of columns, lie half a tile apart, so that neighbours read neighbouring memory.
fn tile_product(tile: u32, part: u32, begin_k: u32, end_k: u32, local_id: vec3u) {
  let first_m4 = tile / tiles_across() * 2u * WORKGROUP_Y;
  let first_n4 = tile % tiles_across() * 2u * WORKGROUP_X;
  let invocations = WORKGROUP_X * WORKGROUP_Y;
  let index = local_id.y * WORKGROUP_X + local_id.x;
  // Rows 0 … 3 and 4 … 7, each a row a column of the matrix, in the columns of the lower and the upper four.
  var low_low = mat4x4f();
  var low_high = mat4x4f();
  var high_low = mat4x4f();
  var high_high = mat4x4f();
  for (var first_k = begin_k; first_k < end_k; first_k += 4u * TILE_K4) {
    for (var i = index; i < TILE_K4 * 2u * WORKGROUP_Y; i += invocations) {
      let m4 = select(i % (2u * WORKGROUP_Y), i / TILE_K4, A_ALONG_K);
      let k4 = select(i / (2u * WORKGROUP_Y), i % TILE_K4, A_ALONG_K);
      let fours = load_block_a(first_m4 + m4, first_k + 4u * k4, end_k);
      for (var j = 0u; j < 4u; j++) {
        tile_a[(4u * k4 + j) * 2u * WORKGROUP_Y + m4] = keep(fours[j]);
      }
    }
    for (var i = index; i < TILE_K4 * 2u * WORKGROUP_X; i += invocations) {
      let n4 = select(i % (2u * WORKGROUP_X), i / TILE_K4, B_ALONG_K);
      let k4 = select(i / (2u * WORKGROUP_X), i % TILE_K4, B_ALONG_K);
      let fours = load_block_b(first_n4 + n4, first_k + 4u * k4, end_k);
      for (var j = 0u; j < 4u; j++) {
        tile_b[(4u * k4 + j) * 2u * WORKGROUP_X + n4] = keep(fours[j]);
      }
    }
    workgroupBarrier();
    let depth = min(4u * TILE_K4, end_k - first_k);
    for (var k = 0u; k < depth; k++) {
      let a_low = kept(tile_a[k * 2u * WORKGROUP_Y + local_id.y]);
      let a_high = kept(tile_a[k * 2u * WORKGROUP_Y + WORKGROUP_Y + local_id.y]);
      let b_low = kept(tile_b[k * 2u * WORKGROUP_X + local_id.x]);
      let b_high = kept(tile_b[k * 2u * WORKGROUP_X + WORKGROUP_X + local_id.x]);
      low_low = low_low + mat4x4f(a_low.x * b_low, a_low.y * b_low, a_low.z * b_low, a_low.w * b_low);
      low_high = low_high + mat4x4f(a_low.x * b_high, a_low.y * b_high, a_low.z * b_high, a_low.w * b_high);
      high_low = high_low + mat4x4f(a_high.x * b_low, a_high.y * b_low, a_high.z * b_low, a_high.w * b_low);
      high_high = high_high + mat4x4f(a_high.x * b_high, a_high.y * b_high, a_high.z * b_high, a_high.w * b_high);
    }
    workgroupBarrier();
  }
  let m_low = 4u * (first_m4 + local_id.y);
  let m_high = m_low + 4u * WORKGROUP_Y;
  let n_low = first_n4 + local_id.x;
  let n_high = n_low + WORKGROUP_X;
  finish_rows(m_low, n_low, part, low_low);
  finish_rows(m_low, n_high, part, low_high);
  finish_rows(m_high, n_low, part, high_low);
  finish_rows(m_high, n_high, part, high_high);
}
