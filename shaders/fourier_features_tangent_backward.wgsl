// todx = c_x + Σ_j 2π f_j (c_sin,j·C_j − c_cos,j·S_j);  tox = −Σ_k Σ_j 2π f_j·w_j (c_sin,j·S_j + c_cos,j·C_j), w_j =
// 2π f_j·dx, c the columns of ddy; each added to what is there if it accumulates
// @include common/elements.wgsl
// @include common/sincos.wgsl

struct Params {
  batch: u32,
  directions: u32,
  dim: u32,
  frequencies: u32,
  stride: u32,
  column: u32,
  accumulate: u32,
  accumulateTangent: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> frequency: array<f32>;
@group(0) @binding(3) var<storage, read> dx: array<f32>;
@group(0) @binding(4) var<storage, read> ddy: array<f32>;
@group(0) @binding(5) var<storage, read_write> tox: array<f32>;
@group(0) @binding(6) var<storage, read_write> todx: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let at = element_index(workgroup_id, local_index);
  if (at >= params.batch * params.dim) {
    return;
  }
  // One invocation a coordinate of a point, for all of its directions.
  let b = at / params.dim;
  let coordinate = at % params.dim;
  var to_point = 0.0;
  for (var k = 0u; k < params.directions; k++) {
    let row = b * params.directions + k;
    let start = row * params.stride + params.column;
    let sines = start + params.dim;
    let cosines = sines + params.frequencies;
    var to_tangent = ddy[start + coordinate];
    for (var j = 0u; j < params.frequencies; j++) {
      var turns = 0.0;
      var slope = 0.0;
      for (var i = 0u; i < params.dim; i++) {
        let f = frequency[j * params.dim + i];
        turns += product_turns(f, x[b * params.dim + i]);
        slope += f * dx[row * params.dim + i];
      }
      let wave = sincos_turns(turns);
      let f = TWO_PI * frequency[j * params.dim + coordinate];
      to_tangent += f * (ddy[sines + j] * wave.y - ddy[cosines + j] * wave.x);
      to_point -= f * TWO_PI * slope * (ddy[sines + j] * wave.x + ddy[cosines + j] * wave.y);
    }
    let place = row * params.dim + coordinate;
    if (params.accumulateTangent != 0u) {
      to_tangent += todx[place];
    }
    todx[place] = to_tangent;
  }
  if (params.accumulate != 0u) {
    to_point += tox[at];
  }
  tox[at] = to_point;
}
