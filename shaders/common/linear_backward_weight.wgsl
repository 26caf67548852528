// dweight[o,i] = Σ_b dy[b,o]·x[b,i] (added if accumulate);  dbias[o] = Σ_b dy[b,o] (added if accumulateBias), as the product
// C[m,n] of m = o, n = i, k = b; how it is added up is the variant's, which includes this.
//
// The sum is long and the output small: the batch is cut into `splits` parts, each summed by its own
// workgroups into `partials`, and a second pass adds the parts in order.
// @include common/dispatch.wgsl

struct Params {
  batch: u32,
  inputs: u32,
  outputs: u32,
  accumulate: u32,
  accumulateBias: u32,
  splits: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Element>;
@group(0) @binding(2) var<storage, read> dy: array<Element>;
@group(0) @binding(3) var<storage, read_write> dweight: array<Element>;
@group(0) @binding(4) var<storage, read_write> dbias: array<Element>;
// [splits, outputs·inputs + outputs]: a part of dweight, then one of dbias.
@group(0) @binding(5) var<storage, read_write> partials: array<Element>;

const A_ALONG_K = false;
const B_ALONG_K = false;

fn rows() -> u32 {
  return params.outputs;
}

fn columns() -> u32 {
  return params.inputs;
}

fn a_at(o: u32, b: u32) -> u32 {
  return b * (params.outputs / ELEMENT) + o;
}

fn b_at(i: u32, b: u32) -> u32 {
  return b * (params.inputs / ELEMENT) + i;
}

fn load_a(at: u32) -> Element {
  return dy[at];
}

fn load_b(at: u32) -> Element {
  return x[at];
}

// Elements of dweight, and of one part of both.
fn weight_size() -> u32 {
  return params.outputs * (params.inputs / ELEMENT);
}

fn part_size() -> u32 {
  return weight_size() + params.outputs / ELEMENT;
}

fn out_at(o: u32, i: u32, part: u32) -> u32 {
  return part * part_size() + o * (params.inputs / ELEMENT) + i;
}

fn column_start(i: u32) -> Element {
  return Element(0.0);
}

// What is there is added to in the second pass.
fn adds() -> bool {
  return false;
}

fn added(at: u32) -> Element {
  return Element(0.0);
}

fn put(at: u32, value: Element) {
  partials[at] = value;
}

// Workgroups 0 … tiles·splits − 1 each sum one tile of dweight over one part of the batch; those behind them
// each sum a stretch of dbias over one part.
@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn sum_parts(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_id) local_id: vec3u) {
  let part_length = (params.batch + params.splits - 1u) / params.splits;
  let group = workgroup_index(workgroup_id);
  let tiles = tile_count();
  if (group < tiles * params.splits) {
    let part = group / tiles;
    let begin = min(params.batch, part * part_length);
    tile_product(group % tiles, part, begin, min(params.batch, begin + part_length), local_id);
  } else {
    let bias_size = params.outputs / ELEMENT;
    let stretches = (bias_size + WORKGROUP_X * WORKGROUP_Y - 1u) / (WORKGROUP_X * WORKGROUP_Y);
    let part = (group - tiles * params.splits) / stretches;
    let index = local_id.y * WORKGROUP_X + local_id.x;
    let o = (group - tiles * params.splits) % stretches * WORKGROUP_X * WORKGROUP_Y + index;
    if (part < params.splits && o < bias_size) {
      var sum = Element(0.0);
      let end = min(params.batch, (part + 1u) * part_length);
      for (var b = part * part_length; b < end; b++) {
        sum += dy[b * bias_size + o];
      }
      partials[part * part_size() + weight_size() + o] = sum;
    }
  }
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn add_parts(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_id) local_id: vec3u) {
  let index = local_id.y * WORKGROUP_X + local_id.x;
  let at = workgroup_index(workgroup_id) * WORKGROUP_X * WORKGROUP_Y + index;
  if (at >= part_size()) {
    return;
  }
  var sum = Element(0.0);
  for (var part = 0u; part < params.splits; part++) {
    sum += partials[part * part_size() + at];
  }
  if (at < weight_size()) {
    if (params.accumulate != 0u) {
      sum += dweight[at];
    }
    dweight[at] = sum;
  } else {
    let o = at - weight_size();
    if (params.accumulateBias != 0u) {
      sum += dbias[o];
    }
    dbias[o] = sum;
  }
}
