// y[b,i] = x[b,i]/ρ_b, ρ_b = √(ε + Σ_j x[b,j]²/width)
// @include common/row_sums.wgsl

struct Params {
  batch: u32,
  width: u32,
  epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let index = workgroup_index(workgroup_id);
  // Workgroups past the end repeat the last one's work, and do not keep it.
  let row = min(index, params.batch - 1u) * params.width;
  var squares = 0.0;
  for (var i = local_index; i < params.width; i += WORKGROUP_SIZE) {
    squares += x[row + i] * x[row + i];
  }
  let inverse = inverseSqrt(params.epsilon + row_sum(local_index, squares) / f32(params.width));
  if (index >= params.batch) {
    return;
  }
  for (var i = local_index; i < params.width; i += WORKGROUP_SIZE) {
    y[row + i] = x[row + i] * inverse;
  }
}
