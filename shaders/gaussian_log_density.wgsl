// out[r] = −½ Σ_c (ln 2π + logvar[r,c] + (x[r,c] − mean[r,c])²·e^(−logvar[r,c]))
// @include common/elements.wgsl
// @include common/gaussian.wgsl

struct Params {
  rows: u32,
  cols: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> logvar: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let r = element_index(workgroup_id, local_index);
  if (r >= params.rows) {
    return;
  }
  var sum = 0.0;
  for (var i = r * params.cols; i < (r + 1u) * params.cols; i++) {
    let difference = x[i] - mean[i];
    sum += LOG_TWO_PI + logvar[i] + difference * difference * exp(-logvar[i]);
  }
  out[r] = -0.5 * sum;
}
