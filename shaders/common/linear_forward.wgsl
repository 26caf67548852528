// y[b,o] = bias[o] + Σ_i x[b,i]·weight[o,i] (+ residual[b,o]), as the product C[m,n] of m = b, n = o, k = i; how it
// is added up is the variant's, which includes this.
// @include common/dispatch.wgsl
// @include common/layer.wgsl

struct Params {
  batch: u32,
  inputs: u32,
  outputs: u32,
  hasResidual: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Element>;
@group(0) @binding(2) var<storage, read> weight: array<Element>;
@group(0) @binding(3) var<storage, read> bias: array<Element>;
@group(0) @binding(4) var<storage, read> residual: array<Element>;
@group(0) @binding(5) var<storage, read_write> y: array<Element>;

fn load_b(at: u32) -> Element {
  return weight[at];
}

fn out_at(b: u32, o: u32, part: u32) -> u32 {
  return b * (params.outputs / ELEMENT) + o;
}

fn column_start(o: u32) -> Element {
  return bias[o];
}

fn adds() -> bool {
  return params.hasResidual != 0u;
}

fn added(at: u32) -> Element {
  return residual[at];
}

fn put(at: u32, value: Element) {
  y[at] = value;
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_id) local_id: vec3u) {
  tile_product(workgroup_index(workgroup_id), 0u, 0u, params.inputs, local_id);
}
