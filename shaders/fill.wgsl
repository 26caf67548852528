// y = value (added if accumulate)
// @include common/elements.wgsl

struct Params {
  n: u32,
  value: f32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.n) {
    return;
  }
  var sum = params.value;
  if (params.accumulate != 0u) {
    sum += y[i];
  }
  y[i] = sum;
}
