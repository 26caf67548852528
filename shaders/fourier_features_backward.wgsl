// dx_j = dy_j + Σ_k 2π f_kj (dy_sin,k·cos 2π f_k·x − dy_cos,k·sin 2π f_k·x) (added if accumulate)
// @include common/elements.wgsl
// @include common/sincos.wgsl

struct Params {
  batch: u32,
  dim: u32,
  frequencies: u32,
  stride: u32,
  column: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> frequency: array<f32>;
@group(0) @binding(3) var<storage, read> dy: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let at = element_index(workgroup_id, local_index);
  let b = at / params.dim;
  let j = at % params.dim;
  if (b >= params.batch) {
    return;
  }
  let row = b * params.stride + params.column;
  var sum = dy[row + j];
  if (params.accumulate != 0u) {
    sum += dx[at];
  }
  let sines = row + params.dim;
  let cosines = sines + params.frequencies;
  for (var k = 0u; k < params.frequencies; k++) {
    var turns = 0.0;
    for (var i = 0u; i < params.dim; i++) {
      turns += product_turns(frequency[k * params.dim + i], x[b * params.dim + i]);
    }
    let wave = sincos_turns(turns);
    let slope = TWO_PI * (dy[sines + k] * wave.y - dy[cosines + k] * wave.x);
    sum += frequency[k * params.dim + j] * slope;
  }
  dx[at] = sum;
}
