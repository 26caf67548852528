// dweight[o,i] = Σ_b dy[b,o]·x[b,i];  dbias[o] = Σ_b dy[b,o] (added to what is there if accumulate)
//
// The sum is long and the output small: the batch is cut into `splits` parts, each summed by its own
// workgroups into `partials`, and a second pass adds the parts in order.
// @include common/dispatch.wgsl
// @include common/matmul.wgsl

struct Params {
  batch: u32,
  inputs: u32,
  outputs: u32,
  accumulate: u32,
  splits: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dweight: array<f32>;
@group(0) @binding(4) var<storage, read_write> dbias: array<f32>;
// [splits, outputs·inputs + outputs]: a part of dweight, then one of dbias.
@group(0) @binding(5) var<storage, read_write> partials: array<f32>;

const A_ALONG_K = false;
const B_ALONG_K = false;

fn load_a(o: u32, b: u32) -> f32 {
  var value = 0.0;
  if (o < params.outputs) {
    value = dy[b * params.outputs + o];
  }
  return value;
}

fn load_b(i: u32, b: u32) -> f32 {
  var value = 0.0;
  if (i < params.inputs) {
    value = x[b * params.inputs + i];
  }
  return value;
}

// Workgroups 0 … tiles·splits − 1 each sum one tile of dweight over one part of the batch; those behind them
// each sum a stretch of dbias over one part.
@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn sum_parts(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_id) local_id: vec3u) {
  let across = (params.inputs + 4u * WORKGROUP_X - 1u) / (4u * WORKGROUP_X);
  let down = (params.outputs + 4u * WORKGROUP_Y - 1u) / (4u * WORKGROUP_Y);
  let part_length = (params.batch + params.splits - 1u) / params.splits;
  let partial_size = params.outputs * params.inputs + params.outputs;
  let group = workgroup_index(workgroup_id);
  if (group < across * down * params.splits) {
    let split = group / (across * down);
    let tile = group % (across * down);
    let first_o = tile / across * 4u * WORKGROUP_Y;
    let first_i = tile % across * 4u * WORKGROUP_X;
    let end = min(params.batch, (split + 1u) * part_length);
    let sums = tile_product(first_o, first_i, split * part_length, end, local_id);
    for (var row = 0u; row < 4u; row++) {
      let o = first_o + 4u * local_id.y + row;
      for (var j = 0u; j < 4u; j++) {
        let i = first_i + 4u * local_id.x + j;
        if (o < params.outputs && i < params.inputs) {
          partials[split * partial_size + o * params.inputs + i] = sums[row][j];
        }
      }
    }
  } else {
    let stretches = (params.outputs + WORKGROUP_X * WORKGROUP_Y - 1u) / (WORKGROUP_X * WORKGROUP_Y);
    let bias_group = group - across * down * params.splits;
    let split = bias_group / stretches;
    let index = local_id.y * WORKGROUP_X + local_id.x;
    let o = bias_group % stretches * WORKGROUP_X * WORKGROUP_Y + index;
    if (split < params.splits && o < params.outputs) {
      var sum = 0.0;
      let end = min(params.batch, (split + 1u) * part_length);
      for (var b = split * part_length; b < end; b++) {
        sum += dy[b * params.outputs + o];
      }
      partials[split * partial_size + params.outputs * params.inputs + o] = sum;
    }
  }
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn add_parts(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_id) local_id: vec3u) {
  let weights = params.outputs * params.inputs;
  let partial_size = weights + params.outputs;
  let index = local_id.y * WORKGROUP_X + local_id.x;
  let at = workgroup_index(workgroup_id) * WORKGROUP_X * WORKGROUP_Y + index;
  if (at >= partial_size) {
    return;
  }
  var sum = 0.0;
  for (var split = 0u; split < params.splits; split++) {
    sum += partials[split * partial_size + at];
  }
  if (at < weights) {
    if (params.accumulate != 0u) {
      sum += dweight[at];
    }
    dweight[at] = sum;
  } else {
    if (params.accumulate != 0u) {
      sum += dbias[at - weights];
    }
    dbias[at - weights] = sum;
  }
}
