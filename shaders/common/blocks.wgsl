// Reading a product's operands in blocks of four by four, four numbers a load. The including kernel defines
//   rows(), columns()        how many m and n there are
//   a_at(m, k), b_at(n, k)   where an element of four lies: four k if ALONG_K, else four m, or n; the index that runs
//                            fastest counts in fours
//   load_a(at), load_b(at)   an element
//   A_ALONG_K, B_ALONG_K     whether k is the index that runs fastest in memory
//   store(m, n, part, sum)   what becomes of the sums of row m in four columns; n counts in fours
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
