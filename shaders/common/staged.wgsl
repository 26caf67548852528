// A product C[m,n] = Σ_k A(m,k)·B(n,k), a tile staged through workgroup memory at a time; an invocation holds a
// block of 4×4 outputs in registers. For any sizes. The including kernel defines
//   rows(), columns()        how many m and n there are
//   a_at(m, k), b_at(n, k)   where an element lies
//   load_a(at), load_b(at)   an element
//   A_ALONG_K, B_ALONG_K     whether k is the index that runs fastest in memory, so that neighbouring
//                            invocations load neighbouring addresses
//   what finish.wgsl asks for
// @include common/finish.wgsl
override WORKGROUP_X: u32 = 8u;
override WORKGROUP_Y: u32 = 8u;
override TILE_K: u32 = 16u;

// What storage is read and written by: here a number at a time, so that every size will do.
alias Element = f32;
const ELEMENT = 1u;

// [TILE_K, WORKGROUP_Y] and [TILE_K, WORKGROUP_X]: four neighbouring m, or n, an element.
var<workgroup> tile_a: array<vec4f, TILE_K * WORKGROUP_Y>;
var<workgroup> tile_b: array<vec4f, TILE_K * WORKGROUP_X>;

fn tiles_across() -> u32 {
  return (columns() + 4u * WORKGROUP_X - 1u) / (4u * WORKGROUP_X);
}

fn tile_count() -> u32 {
  return tiles_across() * ((rows() + 4u * WORKGROUP_Y - 1u) / (4u * WORKGROUP_Y));
}

// Four neighbouring m; nothing past the last, nor past the last k.
fn load_four_a(m: u32, k: u32, end_k: u32) -> vec4f {
  let limit = rows();
  var value = vec4f(0.0);
  for (var j = 0u; j < 4u; j++) {
    if (m + j < limit && k < end_k) {
      let at = a_at(m + j, k);
      value[j] = load_a(at);
    }
  }
  return value;
}

// Four neighbouring n; nothing past the last, nor past the last k.
fn load_four_b(n: u32, k: u32, end_k: u32) -> vec4f {
  let limit = columns();
  var value = vec4f(0.0);
  for (var j = 0u; j < 4u; j++) {
    if (n + j < limit && k < end_k) {
      let at = b_at(n + j, k);
      value[j] = load_b(at);
    }
  }
  return value;
}

// Sums tile number `tile` over k in [begin_k, end_k), in order. Called by the whole workgroup.
fn tile_product(tile: u32, part: u32, begin_k: u32, end_k: u32, local_id: vec3u) {
  let first_m = tile / tiles_across() * 4u * WORKGROUP_Y;
  let first_n = tile % tiles_across() * 4u * WORKGROUP_X;
  let invocations = WORKGROUP_X * WORKGROUP_Y;
  let index = local_id.y * WORKGROUP_X + local_id.x;
  var row_0 = vec4f(0.0);
  var row_1 = vec4f(0.0);
  var row_2 = vec4f(0.0);
  var row_3 = vec4f(0.0);
  for (var first_k = begin_k; first_k < end_k; first_k += TILE_K) {
    for (var item = index; item < TILE_K * WORKGROUP_Y; item += invocations) {
      let k = select(item / WORKGROUP_Y, item % TILE_K, A_ALONG_K);
      let group = select(item % WORKGROUP_Y, item / TILE_K, A_ALONG_K);
      tile_a[k * WORKGROUP_Y + group] = load_four_a(first_m + 4u * group, first_k + k, end_k);
    }
    for (var item = index; item < TILE_K * WORKGROUP_X; item += invocations) {
      let k = select(item / WORKGROUP_X, item % TILE_K, B_ALONG_K);
      let group = select(item % WORKGROUP_X, item / TILE_K, B_ALONG_K);
      tile_b[k * WORKGROUP_X + group] = load_four_b(first_n + 4u * group, first_k + k, end_k);
    }
    workgroupBarrier();
    let depth = min(TILE_K, end_k - first_k);
    for (var k = 0u; k < depth; k++) {
      let a = tile_a[k * WORKGROUP_Y + local_id.y];
      let b = tile_b[k * WORKGROUP_X + local_id.x];
      row_0 += a.x * b;
      row_1 += a.y * b;
      row_2 += a.z * b;
      row_3 += a.w * b;
    }
    workgroupBarrier();
  }
  let sums = mat4x4f(row_0, row_1, row_2, row_3);
  for (var down = 0u; down < 4u; down++) {
    let m = first_m + 4u * local_id.y + down;
    for (var across = 0u; across < 4u; across++) {
      let n = first_n + 4u * local_id.x + across;
      if (m < rows() && n < columns()) {
        finish(m, n, part, sums[down][across]);
      }
    }
  }
}
