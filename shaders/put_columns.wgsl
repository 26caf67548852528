// y[r, column + c] = x[r,c] (added if accumulate); with clear, 0 in every other column
// @include common/elements.wgsl

struct Params {
  rows: u32,
  cols: u32,
  stride: u32,
  column: u32,
  clear: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  // With clear an invocation for every column of y, else for those that are put.
  let across = select(params.cols, params.stride, params.clear != 0u);
  let first = select(params.column, 0u, params.clear != 0u);
  let i = element_index(workgroup_id, local_index);
  if (i >= params.rows * across) {
    return;
  }
  let r = i / across;
  let j = i % across + first;
  let at = r * params.stride + j;
  var value = 0.0;
  if (j >= params.column && j < params.column + params.cols) {
    value = x[r * params.cols + j - params.column];
    if (params.accumulate != 0u) {
      value += y[at];
    }
  }
  y[at] = value;
}
