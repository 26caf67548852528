// dtable[r, j] = Σ_{b: label_b = r} dy[b, column + j], in the batch's order (added if accumulate)
// @include common/elements.wgsl

struct Params {
  batch: u32,
  rows: u32,
  width: u32,
  stride: u32,
  column: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> label: array<u32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dtable: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let at = element_index(workgroup_id, local_index);
  let r = at / params.width;
  let j = at % params.width;
  if (r >= params.rows) {
    return;
  }
  var sum = 0.0;
  for (var b = 0u; b < params.batch; b++) {
    if (label[b] == r) {
      sum += dy[b * params.stride + params.column + j];
    }
  }
  if (params.accumulate != 0u) {
    sum += dtable[at];
  }
  dtable[at] = sum;
}
