// Reading a product's operands in blocks of four by four, four numbers a load. The including kernel defines
//   rows(), columns()        how many m and n there are
//   a_at(m, k), b_at(n, k)   where an element of four lies: four k if ALONG_K, else four m, or n; the index that runs
//                            fastest counts in fours
//   load_a(at), load_b(at)   an element
//   A_ALONG_K, B_ALONG_K     whether k is the index that runs fastest in memory
//   what finish.wgsl asks for
// @include common/finish.wgsl
alias Element = vec4f;
const ELEMENT = 4u;

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

// The sums of four rows, a row a column of the matrix, in four columns.
fn finish_rows(first_m: u32, n4: u32, part: u32, sums: mat4x4f) {
  if (4u * n4 >= columns()) {
    return;
  }
  // Branches cost a software adapter more than what they skip: one for four rows.
  if (first_m + 4u <= rows()) {
    let start = column_start(n4);
    let at = out_at(first_m, n4, part);
    let stride = out_at(1u, 0u, 0u);
    var values = mat4x4f(sums[0] + start, sums[1] + start, sums[2] + start, sums[3] + start);
    if (adds()) {
      values = values + mat4x4f(added(at), added(at + stride), added(at + 2u * stride), added(at + 3u * stride));
    }
    put(at, values[0]);
    put(at + stride, values[1]);
    put(at + 2u * stride, values[2]);
    put(at + 3u * stride, values[3]);
  } else {
    for (var i = 0u; i < 4u; i++) {
      if (first_m + i < rows()) {
        finish(first_m + i, n4, part, sums[i]);
      }
    }
  }
}
