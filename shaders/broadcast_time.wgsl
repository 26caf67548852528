// t[b] = table[clock.row·stride + column]
// @include common/clock.wgsl
// @include common/elements.wgsl

struct Params {
  batch: u32,
  stride: u32,
  column: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> clock: array<u32>;
@group(0) @binding(2) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<storage, read_write> t: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let b = element_index(workgroup_id, local_index);
  if (b >= params.batch) {
    return;
  }
  t[b] = table[clock[CLOCK_ROW] * params.stride + params.column];
}
