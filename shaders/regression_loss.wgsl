// rowLoss[b] = scale·w_b·Σ_j (p_bj − y_bj)²;  gradient[b,j] = 2·scale·w_b·(p_bj − y_bj)
// @include common/elements.wgsl

struct Params {
  batch: u32,
  dim: u32,
  scale: f32,
  weighted: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> prediction: array<f32>;
// `target` is a reserved word of WGSL.
@group(0) @binding(2) var<storage, read> target_: array<f32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read_write> rowLoss: array<f32>;
@group(0) @binding(5) var<storage, read_write> gradient: array<f32>;

// One invocation a row, which sums its row in order.
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let b = element_index(workgroup_id, local_index);
  if (b >= params.batch) {
    return;
  }
  var factor = params.scale;
  if (params.weighted != 0u) {
    factor *= weight[b];
  }
  var sum = 0.0;
  for (var i = b * params.dim; i < (b + 1u) * params.dim; i++) {
    let error = prediction[i] - target_[i];
    sum += error * error;
    gradient[i] = 2.0 * factor * error;
  }
  rowLoss[b] = factor * sum;
}
