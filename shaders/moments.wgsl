// out = (Σ_b x_bi; Σ_b x_bi·x_bj, i ≤ j by rows)
// @include common/elements.wgsl

struct Params {
  n: u32,
  dim: u32,
  // Rows that one invocation sums.
  chunk: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
// [chunks, moments]
@group(0) @binding(3) var<storage, read_write> partials: array<f32>;

fn moment_count() -> u32 {
  return params.dim * (params.dim + 3u) / 2u;
}

// One invocation a moment and chunk, which sums its rows in order.
@compute @workgroup_size(WORKGROUP_SIZE)
fn sum_chunks(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let at = element_index(workgroup_id, local_index);
  let moment = at % moment_count();
  let begin = at / moment_count() * params.chunk;
  if (begin >= params.n) {
    return;
  }
  // Which product of the upper triangle, if it is one.
  let second = moment >= params.dim;
  var i = moment;
  var j = 0u;
  if (second) {
    i = 0u;
    j = moment - params.dim;
    while (j >= params.dim - i) {
      j -= params.dim - i;
      i++;
    }
    j += i;
  }
  var sum = 0.0;
  for (var b = begin; b < min(params.n, begin + params.chunk); b++) {
    let value = x[b * params.dim + i];
    sum += select(value, value * x[b * params.dim + j], second);
  }
  partials[at] = sum;
}

// One invocation a moment.
@compute @workgroup_size(WORKGROUP_SIZE)
fn add_chunks(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let moment = element_index(workgroup_id, local_index);
  if (moment >= moment_count()) {
    return;
  }
  var sum = 0.0;
  for (var begin = 0u; begin < params.n; begin += params.chunk) {
    sum += partials[begin / params.chunk * moment_count() + moment];
  }
  out[moment] = sum;
}
