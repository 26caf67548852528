// y[b,o] = bias[o] + Σ_i x[b,i]·weight[o,i] (+ residual[b,o])
// @include common/dispatch.wgsl
// @include common/matmul.wgsl

struct Params {
  batch: u32,
  inputs: u32,
  outputs: u32,
  hasResidual: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> residual: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

const A_ALONG_K = true;
const B_ALONG_K = true;

fn load_a(b: u32, i: u32) -> f32 {
  var value = 0.0;
  if (b < params.batch) {
    value = x[b * params.inputs + i];
  }
  return value;
}

fn load_b(o: u32, i: u32) -> f32 {
  var value = 0.0;
  if (o < params.outputs) {
    value = weight[o * params.inputs + i];
  }
  return value;
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_id) local_id: vec3u) {
  let across = (params.outputs + 4u * WORKGROUP_X - 1u) / (4u * WORKGROUP_X);
  let tile = workgroup_index(workgroup_id);
  let first_b = tile / across * 4u * WORKGROUP_Y;
  let first_o = tile % across * 4u * WORKGROUP_X;
  let sums = tile_product(first_b, first_o, 0u, params.inputs, local_id);
  for (var i = 0u; i < 4u; i++) {
    let b = first_b + 4u * local_id.y + i;
    for (var j = 0u; j < 4u; j++) {
      let o = first_o + 4u * local_id.x + j;
      if (b < params.batch && o < params.outputs) {
        let at = b * params.outputs + o;
        var sum = sums[i][j] + bias[o];
        if (params.hasResidual != 0u) {
          sum += residual[at];
        }
        y[at] = sum;
      }
    }
  }
}
