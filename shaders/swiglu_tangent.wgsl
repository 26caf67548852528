// da[b,k,i] = σ(g)(1 + g·σ(−g))·u·dg[b,k,i] + g·σ(g)·du[b,k,i]
// @include common/elements.wgsl
// @include common/sigmoid.wgsl

struct Params {
  batch: u32,
  directions: u32,
  width: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> gate: array<f32>;
@group(0) @binding(2) var<storage, read> up: array<f32>;
@group(0) @binding(3) var<storage, read> dgate: array<f32>;
@group(0) @binding(4) var<storage, read> dup: array<f32>;
@group(0) @binding(5) var<storage, read_write> da: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let at = element_index(workgroup_id, local_index);
  let row = at / params.width;
  if (row >= params.batch * params.directions) {
    return;
  }
  let primal = (row / params.directions) * params.width + at % params.width;
  let g = gate[primal];
  let sigma = sigmoid(g);
  da[at] = sigma * silu_slope_factor(g) * up[primal] * dgate[at] + g * sigma * dup[at];
}
