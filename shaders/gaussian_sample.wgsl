// z = mean + e^(½ logvar)·noise
// @include common/elements.wgsl

struct Params {
  rows: u32,
  cols: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> mean: array<f32>;
@group(0) @binding(2) var<storage, read> logvar: array<f32>;
@group(0) @binding(3) var<storage, read> noise: array<f32>;
@group(0) @binding(4) var<storage, read_write> z: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.rows * params.cols) {
    return;
  }
  z[i] = mean[i] + exp(0.5 * logvar[i]) * noise[i];
}
