// dy[b,k,c…] = (dx, 2π(f_j·dx)·cos 2π f_j·x …, −2π(f_j·dx)·sin 2π f_j·x …); with clear, 0 in every other column
// @include common/elements.wgsl
// @include common/sincos.wgsl

struct Params {
  batch: u32,
  directions: u32,
  dim: u32,
  frequencies: u32,
  stride: u32,
  column: u32,
  clear: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> frequency: array<f32>;
@group(0) @binding(3) var<storage, read> dx: array<f32>;
@group(0) @binding(4) var<storage, read_write> dy: array<f32>;

// One invocation an element of dy.
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let at = element_index(workgroup_id, local_index);
  let row = at / params.stride;
  if (row >= params.batch * params.directions) {
    return;
  }
  let place = at % params.stride;
  let width = params.dim + 2u * params.frequencies;
  if (place < params.column || place >= params.column + width) {
    if (params.clear != 0u) {
      dy[at] = 0.0;
    }
    return;
  }
  let c = place - params.column;
  if (c < params.dim) {
    dy[at] = dx[row * params.dim + c];
    return;
  }
  let j = (c - params.dim) % params.frequencies;
  let b = row / params.directions;
  var turns = 0.0;
  var slope = 0.0;
  for (var i = 0u; i < params.dim; i++) {
    let f = frequency[j * params.dim + i];
    turns += product_turns(f, x[b * params.dim + i]);
    slope += f * dx[row * params.dim + i];
  }
  let wave = sincos_turns(turns);
  dy[at] = TWO_PI * slope * select(-wave.x, wave.y, c - params.dim < params.frequencies);
}
