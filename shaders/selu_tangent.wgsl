// dy[b,k,i] = λ·dx[b,k,i] for x[b,i] > 0, else λα·e^x[b,i]·dx[b,k,i]
// @include common/elements.wgsl
// @include common/selu.wgsl

struct Params {
  batch: u32,
  directions: u32,
  width: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dx: array<f32>;
@group(0) @binding(3) var<storage, read_write> dy: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let at = element_index(workgroup_id, local_index);
  let row = at / params.width;
  if (row >= params.batch * params.directions) {
    return;
  }
  let value = x[(row / params.directions) * params.width + at % params.width];
  dy[at] = SELU_SCALE * dx[at] * select(SELU_ALPHA * exp(min(value, 0.0)), 1.0, value > 0.0);
}
