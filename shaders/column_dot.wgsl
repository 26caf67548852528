// out[c] = Σ_r x[r,c]·y[r,c] (added if accumulate)
// @include common/elements.wgsl

struct Params {
  rows: u32,
  cols: u32,
  accumulate: u32,
  // Rows that one invocation sums.
  chunk: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
// [chunks, cols]
@group(0) @binding(4) var<storage, read_write> partials: array<f32>;

// One invocation a column and chunk, which sums its rows in order.
@compute @workgroup_size(WORKGROUP_SIZE)
fn sum_chunks(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let at = element_index(workgroup_id, local_index);
  let column = at % params.cols;
  let begin = at / params.cols * params.chunk;
  if (begin >= params.rows) {
    return;
  }
  var sum = 0.0;
  for (var r = begin; r < min(params.rows, begin + params.chunk); r++) {
    let i = r * params.cols + column;
    sum += x[i] * y[i];
  }
  partials[at] = sum;
}

// One invocation a column.
@compute @workgroup_size(WORKGROUP_SIZE)
fn add_chunks(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let column = element_index(workgroup_id, local_index);
  if (column >= params.cols) {
    return;
  }
  var sum = 0.0;
  if (params.accumulate != 0u) {
    sum = out[column];
  }
  for (var begin = 0u; begin < params.rows; begin += params.chunk) {
    sum += partials[begin / params.chunk * params.cols + column];
  }
  out[column] = sum;
}
