// dy[b,k,i] = (dx[b,k,i] − x[b,i]·Σ_j x[b,j]·dx[b,k,j]/(width·ρ_b²))/ρ_b (added if accumulate)
// @include common/row_sums.wgsl

struct Params {
  batch: u32,
  directions: u32,
  width: u32,
  epsilon: f32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dx: array<f32>;
@group(0) @binding(3) var<storage, read_write> dy: array<f32>;

// One workgroup a row of tangents.
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let index = workgroup_index(workgroup_id);
  // Workgroups past the end repeat the last one's work, and do not keep it.
  let moving = min(index, params.batch * params.directions - 1u);
  let row = moving * params.width;
  let value = moving / params.directions * params.width;
  var squares = 0.0;
  var products = 0.0;
  for (var i = local_index; i < params.width; i += WORKGROUP_SIZE) {
    squares += x[value + i] * x[value + i];
    products += x[value + i] * dx[row + i];
  }
  let width = f32(params.width);
  let inverse = inverseSqrt(params.epsilon + row_sum(local_index, squares) / width);
  let along = row_sum(local_index, products) * inverse * inverse / width;
  if (index >= params.batch * params.directions) {
    return;
  }
  for (var i = local_index; i < params.width; i += WORKGROUP_SIZE) {
    var result = inverse * (dx[row + i] - along * x[value + i]);
    if (params.accumulate != 0u) {
      result += dy[row + i];
    }
    dy[row + i] = result;
  }
}
