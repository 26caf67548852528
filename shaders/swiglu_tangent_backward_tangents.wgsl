// ddgate = c·s′(g)·u;  ddup = c·s(g); c = dda, s = silu; each added to what is there if it accumulates
// @include common/elements.wgsl
// @include common/sigmoid.wgsl

struct Params {
  batch: u32,
  directions: u32,
  width: u32,
  accumulateGate: u32,
  accumulateUp: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> gate: array<f32>;
@group(0) @binding(2) var<storage, read> up: array<f32>;
@group(0) @binding(3) var<storage, read> dda: array<f32>;
@group(0) @binding(4) var<storage, read_write> ddgate: array<f32>;
@group(0) @binding(5) var<storage, read_write> ddup: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let at = element_index(workgroup_id, local_index);
  if (at >= params.batch * params.directions * params.width) {
    return;
  }
  let value = (at / params.width / params.directions) * params.width + at % params.width;
  let g = gate[value];
  let sigma = sigmoid(g);
  var to_gate = dda[at] * sigma * silu_slope_factor(g) * up[value];
  var to_up = dda[at] * g * sigma;
  if (params.accumulateGate != 0u) {
    to_gate += ddgate[at];
  }
  if (params.accumulateUp != 0u) {
    to_up += ddup[at];
  }
  ddgate[at] = to_gate;
  ddup[at] = to_up;
}
