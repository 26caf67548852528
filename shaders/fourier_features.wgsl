// y[b, column…] = (x_b, sin 2π f_k·x_b …, cos 2π f_k·x_b …)
// @include common/elements.wgsl
// @include common/sincos.wgsl

struct Params {
  batch: u32,
  dim: u32,
  frequencies: u32,
  stride: u32,
  column: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> frequency: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

// One invocation a coordinate, and one a frequency, which makes a sine and a cosine.
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let at = element_index(workgroup_id, local_index);
  let jobs = params.dim + params.frequencies;
  let b = at / jobs;
  let job = at % jobs;
  if (b >= params.batch) {
    return;
  }
  let row = b * params.stride + params.column;
  if (job < params.dim) {
    y[row + job] = x[b * params.dim + job];
    return;
  }
  let k = job - params.dim;
  var turns = 0.0;
  for (var j = 0u; j < params.dim; j++) {
    turns += product_turns(frequency[k * params.dim + j], x[b * params.dim + j]);
  }
  let wave = sincos_turns(turns);
  y[row + params.dim + k] = wave.x;
  y[row + params.dim + params.frequencies + k] = wave.y;
}
