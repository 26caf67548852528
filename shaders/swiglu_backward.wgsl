// dup = da·g·σ(g);  dgate = da·up·σ(g)·(1 + g·(1 − σ(g))), each added to what is there if it accumulates
// @include common/elements.wgsl
// @include common/sigmoid.wgsl

struct Params {
  n: u32,
  accumulateGate: u32,
  accumulateUp: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> gate: array<f32>;
@group(0) @binding(2) var<storage, read> up: array<f32>;
@group(0) @binding(3) var<storage, read> da: array<f32>;
@group(0) @binding(4) var<storage, read_write> dgate: array<f32>;
@group(0) @binding(5) var<storage, read_write> dup: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.n) {
    return;
  }
  let g = gate[i];
  let sigma = sigmoid(g);
  var to_up = da[i] * g * sigma;
  var to_gate = da[i] * up[i] * sigma * silu_slope_factor(g);
  if (params.accumulateUp != 0u) {
    to_up += dup[i];
  }
  if (params.accumulateGate != 0u) {
    to_gate += dgate[i];
  }
  dup[i] = to_up;
  dgate[i] = to_gate;
}
