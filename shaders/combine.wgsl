// y = a·x + b·z + c (added if accumulate); a term whose factor is 0 is left out
// @include common/elements.wgsl

struct Params {
  n: u32,
  a: f32,
  b: f32,
  c: f32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> z: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.n) {
    return;
  }
  var sum = params.c;
  if (params.accumulate != 0u) {
    sum += y[i];
  }
  if (params.a != 0.0) {
    sum += params.a * x[i];
  }
  if (params.b != 0.0) {
    sum += params.b * z[i];
  }
  y[i] = sum;
}
