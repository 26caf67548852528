// dx = λ·dy for x > 0, else λα·e^x·dy (added if accumulate)
// @include common/elements.wgsl
// @include common/selu.wgsl

struct Params {
  n: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.n) {
    return;
  }
  let value = x[i];
  var gradient = SELU_SCALE * dy[i] * select(SELU_ALPHA * exp(min(value, 0.0)), 1.0, value > 0.0);
  if (params.accumulate != 0u) {
    gradient += dx[i];
  }
  dx[i] = gradient;
}
