// out[i] = (error[i] / (absolute + relative·max(|x[i]|, |y[i]|)))²
// @include common/elements.wgsl

struct Params {
  n: u32,
  absolute: f32,
  relative: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> error: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> y: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.n) {
    return;
  }
  let ratio = error[i] / (params.absolute + params.relative * max(abs(x[i]), abs(y[i])));
  out[i] = ratio * ratio;
}
