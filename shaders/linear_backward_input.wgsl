// dx[b,i] = Σ_o dy[b,o]·weight[o,i] (added to dx if accumulate)
// @include common/dispatch.wgsl
// @include common/matmul.wgsl

struct Params {
  batch: u32,
  inputs: u32,
  outputs: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> dy: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

const A_ALONG_K = true;
const B_ALONG_K = false;

fn load_a(b: u32, o: u32) -> f32 {
  var value = 0.0;
  if (b < params.batch) {
    value = dy[b * params.outputs + o];
  }
  return value;
}

fn load_b(i: u32, o: u32) -> f32 {
  var value = 0.0;
  if (i < params.inputs) {
    value = weight[o * params.inputs + i];
  }
  return value;
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_id) local_id: vec3u) {
  let across = (params.inputs + 4u * WORKGROUP_X - 1u) / (4u * WORKGROUP_X);
  let tile = workgroup_index(workgroup_id);
  let first_b = tile / across * 4u * WORKGROUP_Y;
  let first_i = tile % across * 4u * WORKGROUP_X;
  let sums = tile_product(first_b, first_i, 0u, params.outputs, local_id);
  for (var row = 0u; row < 4u; row++) {
    let b = first_b + 4u * local_id.y + row;
    for (var j = 0u; j < 4u; j++) {
      let i = first_i + 4u * local_id.x + j;
      if (b < params.batch && i < params.inputs) {
        let at = b * params.inputs + i;
        var sum = sums[row][j];
        if (params.accumulate != 0u) {
          sum += dx[at];
        }
        dx[at] = sum;
      }
    }
  }
}
