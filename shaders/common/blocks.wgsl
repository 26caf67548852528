// What the ways of making a product share that read and write four numbers at a time. The including kernel defines
//   rows(), columns()        how many m and n there are
//   a_at(m, k), b_at(n, k)   where an element of four lies: four k if ALONG_K, else four m, or n; the index that runs
//                            fastest counts in fours
//   load_a(at), load_b(at)   an element
//   A_ALONG_K, B_ALONG_K     whether k is the index that runs fastest in memory
//   what finish.wgsl asks for
// @include common/fours.wgsl
// @include common/finish.wgsl

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
