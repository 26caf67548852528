// togate = Σ_k c·(s″(g)·u·dg + s′(g)·du);  toup = Σ_k c·s′(g)·dg; c = dda, s = silu; each added to what is there if it
// accumulates
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
@group(0) @binding(3) var<storage, read> dgate: array<f32>;
@group(0) @binding(4) var<storage, read> dup: array<f32>;
@group(0) @binding(5) var<storage, read> dda: array<f32>;
@group(0) @binding(6) var<storage, read_write> togate: array<f32>;
@group(0) @binding(7) var<storage, read_write> toup: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let at = element_index(workgroup_id, local_index);
  if (at >= params.batch * params.width) {
    return;
  }
  let g = gate[at];
  let sigma = sigmoid(g);
  let rest = sigmoid(-g);
  let slope = sigma * silu_slope_factor(g);
  let bend = sigma * rest * (2.0 + g * (rest - sigma));
  let row = at / params.width * params.directions;
  var to_gate = 0.0;
  var to_up = 0.0;
  for (var k = 0u; k < params.directions; k++) {
    let moving = (row + k) * params.width + at % params.width;
    to_gate += dda[moving] * (bend * up[at] * dgate[moving] + slope * dup[moving]);
    to_up += dda[moving] * slope * dgate[moving];
  }
  if (params.accumulateGate != 0u) {
    to_gate += togate[at];
  }
  if (params.accumulateUp != 0u) {
    to_up += toup[at];
  }
  togate[at] = to_gate;
  toup[at] = to_up;
}
