// y[r,c] = factor[c]·x[r,c] (added if accumulate)
// @include common/elements.wgsl

struct Params {
  rows: u32,
  cols: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> factor: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.rows * params.cols) {
    return;
  }
  var product = factor[i % params.cols] * x[i];
  if (params.accumulate != 0u) {
    product += y[i];
  }
  y[i] = product;
}
