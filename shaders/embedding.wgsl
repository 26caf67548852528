// y[b, column + j] = table[label_b, j]
// @include common/elements.wgsl

struct Params {
  batch: u32,
  rows: u32,
  width: u32,
  stride: u32,
  column: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> label: array<u32>;
@group(0) @binding(2) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let at = element_index(workgroup_id, local_index);
  let b = at / params.width;
  let j = at % params.width;
  if (b >= params.batch) {
    return;
  }
  y[b * params.stride + params.column + j] = table[label[b] * params.width + j];
}
