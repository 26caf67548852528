// dx[b,i] = Σ_o dy[b,o]·weight[o,i] (added to dx if accumulate), as the product C[m,n] of m = b, n = i, k = o; how it
// is added up is the variant's, which includes this.
// @include common/dispatch.wgsl

struct Params {
  batch: u32,
  inputs: u32,
  outputs: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<Element>;
@group(0) @binding(2) var<storage, read> weight: array<Element>;
@group(0) @binding(3) var<storage, read_write> dx: array<Element>;

const A_ALONG_K = true;
const B_ALONG_K = false;

fn rows() -> u32 {
  return params.batch;
}

fn columns() -> u32 {
  return params.inputs;
}

fn a_at(b: u32, o: u32) -> u32 {
  return b * (params.outputs / ELEMENT) + o;
}

fn b_at(i: u32, o: u32) -> u32 {
  return o * (params.inputs / ELEMENT) + i;
}

fn load_a(at: u32) -> Element {
  return dy[at];
}

fn load_b(at: u32) -> Element {
  return weight[at];
}

fn out_at(b: u32, i: u32, part: u32) -> u32 {
  return b * (params.inputs / ELEMENT) + i;
}

fn column_start(i: u32) -> Element {
  return Element(0.0);
}

fn adds() -> bool {
  return params.accumulate != 0u;
}

fn added(at: u32) -> Element {
  return dx[at];
}

fn put(at: u32, value: Element) {
  dx[at] = value;
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_id) local_id: vec3u) {
  tile_product(workgroup_index(workgroup_id), 0u, 0u, params.outputs, local_id);
}
