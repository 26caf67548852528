// What quads of invocations load of a product C[m,n] = Σ_k A(m,k)·B(n,k): which tile is whose, and blocks of 4×4.
// @include common/subgroups.wgsl
// @include common/fours.wgsl

// The includer says how many invocations are in a workgroup's rows, WORKGROUP_X (a multiple of 4, so that a quad lies in
// one), how many rows it has, WORKGROUP_Y, and how many fours of columns an invocation has, COLUMNS4. Narrow tiles, for
// what lies past the last column is computed as well.

fn tiles_across() -> u32 {
  let across = 4u * COLUMNS4 * WORKGROUP_X;
  return (columns() + across - 1u) / across;
}

fn tile_count() -> u32 {
  return tiles_across() * ((rows() + 16u * WORKGROUP_Y - 1u) / (16u * WORKGROUP_Y));
}

// Four rows' products with four columns: a row a column of the matrix.
fn outer(rows: vec4f, columns: vec4f) -> mat4x4f {
  return mat4x4f(rows.x * columns, rows.y * columns, rows.z * columns, rows.w * columns);
}

// Four k of four m: a column for each k. Past the last m it is that one again.
fn block_a(m4: u32, k: u32) -> mat4x4f {
  let last_m = rows() - 1u;
  if (A_ALONG_K) {
    let m = min(4u * m4 + vec4u(0u, 1u, 2u, 3u), vec4u(last_m));
    let k4 = k / 4u;
    return transpose(mat4x4f(load_a(a_at(m.x, k4)), load_a(a_at(m.y, k4)), load_a(a_at(m.z, k4)), load_a(a_at(m.w, k4))));
  }
  let four = min(m4, last_m / 4u);
  return mat4x4f(load_a(a_at(four, k)), load_a(a_at(four, k + 1u)), load_a(a_at(four, k + 2u)), load_a(a_at(four, k + 3u)));
}

fn block_b(n4: u32, k: u32) -> mat4x4f {
  let last_n = columns() - 1u;
  if (B_ALONG_K) {
    let n = min(4u * n4 + vec4u(0u, 1u, 2u, 3u), vec4u(last_n));
    let k4 = k / 4u;
    return transpose(mat4x4f(load_b(b_at(n.x, k4)), load_b(b_at(n.y, k4)), load_b(b_at(n.z, k4)), load_b(b_at(n.w, k4))));
  }
  let four = min(n4, last_n / 4u);
  return mat4x4f(load_b(b_at(four, k)), load_b(b_at(four, k + 1u)), load_b(b_at(four, k + 2u)), load_b(b_at(four, k + 3u)));
}
