// What becomes of a product's sums. The including kernel defines
//   out_at(m, n, part)   where C[m,n], or a part of it, is written
//   column_start(n)      what is added to all sums of a column
//   adds(), added(at)    whether anything is added to each sum, and what
//   put(at, value)
fn finish(m: u32, n: u32, part: u32, sum: Element) {
  let at = out_at(m, n, part);
  var value = sum + column_start(n);
  if (adds()) {
    value += added(at);
  }
  put(at, value);
}
