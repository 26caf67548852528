// A layer as the product C[m,n] of m = b, n = o, k = i: how its rows `x` and a weight lie in memory.
const A_ALONG_K = true;
const B_ALONG_K = true;

fn rows() -> u32 {
  return params.batch;
}

fn columns() -> u32 {
  return params.outputs;
}

fn a_at(b: u32, i: u32) -> u32 {
  return b * (params.inputs / ELEMENT) + i;
}

fn b_at(o: u32, i: u32) -> u32 {
  return o * (params.inputs / ELEMENT) + i;
}

fn load_a(at: u32) -> Element {
  return x[at];
}
