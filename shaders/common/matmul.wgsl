// One tile of a product C[m,n] = Σ_k A(m,k)·B(n,k), staged through workgroup memory; an invocation holds a
// block of 4×4 outputs in registers. The including kernel defines
//   load_a(m, k), load_b(n, k)   an element, 0 past the edge of m or n
//   A_ALONG_K, B_ALONG_K         whether k is the index that runs fastest in memory, so that neighbouring
//                                invocations load neighbouring addresses
override WORKGROUP_X: u32 = 8u;
override WORKGROUP_Y: u32 = 8u;
override TILE_K: u32 = 16u;

// [TILE_K, WORKGROUP_Y] and [TILE_K, WORKGROUP_X]: four neighbouring m, or n, an element.
var<workgroup> tile_a: array<vec4f, TILE_K * WORKGROUP_Y>;
var<workgroup> tile_b: array<vec4f, TILE_K * WORKGROUP_X>;

fn load_a4(m: u32, k: u32, end_k: u32) -> vec4f {
  var value = vec4f(0.0);
  if (k < end_k) {
    value = vec4f(load_a(m, k), load_a(m + 1u, k), load_a(m + 2u, k), load_a(m + 3u, k));
  }
  return value;
}

fn load_b4(n: u32, k: u32, end_k: u32) -> vec4f {
  var value = vec4f(0.0);
  if (k < end_k) {
    value = vec4f(load_b(n, k), load_b(n + 1u, k), load_b(n + 2u, k), load_b(n + 3u, k));
  }
  return value;
}

// The sums over k in [begin_k, end_k), in order. Element [i][j] of the result is C at row
// first_m + 4·local_id.y + i and column first_n + 4·local_id.x + j. Called by the whole workgroup.
fn tile_product(first_m: u32, first_n: u32, begin_k: u32, end_k: u32, local_id: vec3u) -> mat4x4f {
  let invocations = WORKGROUP_X * WORKGROUP_Y;
  let index = local_id.y * WORKGROUP_X + local_id.x;
  var row_0 = vec4f(0.0);
  var row_1 = vec4f(0.0);
  var row_2 = vec4f(0.0);
  var row_3 = vec4f(0.0);
  for (var first_k = begin_k; first_k < end_k; first_k += TILE_K) {
    for (var i = index; i < TILE_K * WORKGROUP_Y; i += invocations) {
      let k = select(i / WORKGROUP_Y, i % TILE_K, A_ALONG_K);
      let group = select(i % WORKGROUP_Y, i / TILE_K, A_ALONG_K);
      tile_a[k * WORKGROUP_Y + group] = load_a4(first_m + 4u * group, first_k + k, end_k);
    }
    for (var i = index; i < TILE_K * WORKGROUP_X; i += invocations) {
      let k = select(i / WORKGROUP_X, i % TILE_K, B_ALONG_K);
      let group = select(i % WORKGROUP_X, i / TILE_K, B_ALONG_K);
      tile_b[k * WORKGROUP_X + group] = load_b4(first_n + 4u * group, first_k + k, end_k);
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
  return mat4x4f(row_0, row_1, row_2, row_3);
}
