// div[b] = Σ_j tangent[b, j, j]
// @include common/elements.wgsl

struct Params {
  batch: u32,
  dim: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> tangent: array<f32>;
@group(0) @binding(2) var<storage, read_write> divergence: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let b = element_index(workgroup_id, local_index);
  if (b >= params.batch) {
    return;
  }
  var sum = 0.0;
  for (var j = 0u; j < params.dim; j++) {
    sum += tangent[(b * params.dim + j) * params.dim + j];
  }
  divergence[b] = sum;
}
