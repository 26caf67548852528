// out[b] = Σ_j x[b,j]·y[b,j]
// @include common/elements.wgsl

struct Params {
  batch: u32,
  dim: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

// One invocation a row, which sums its row in order.
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let b = element_index(workgroup_id, local_index);
  if (b >= params.batch) {
    return;
  }
  var sum = 0.0;
  for (var i = b * params.dim; i < (b + 1u) * params.dim; i++) {
    sum += x[i] * y[i];
  }
  out[b] = sum;
}
