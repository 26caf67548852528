// cost[j, i] = |x1_j − x0_i|² + penalty where the labels of draws j and i differ
// @include common/draw.wgsl
// @include common/elements.wgsl

struct Params {
  n: u32,
  dim: u32,
  rows: u32,
  antithetic: u32,
  penalty: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x0: array<f32>;
@group(0) @binding(2) var<storage, read> x1: array<f32>;
@group(0) @binding(3) var<storage, read> draw: array<u32>;
@group(0) @binding(4) var<storage, read> label: array<u32>;
@group(0) @binding(5) var<storage, read_write> cost: array<f32>;

fn label_of(k: u32) -> u32 {
  return label[draw[select(k, 2u * k, params.antithetic != 0u) * DRAW_COLUMNS + DRAW_ROW]];
}

// One invocation a pair: neighbours read the same x1, and neighbouring x0.
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let at = element_index(workgroup_id, local_index);
  let j = at / params.n;
  let i = at % params.n;
  if (j >= params.n) {
    return;
  }
  var sum = 0.0;
  for (var k = 0u; k < params.dim; k++) {
    let difference = x1[j * params.dim + k] - x0[i * params.dim + k];
    sum += difference * difference;
  }
  if (params.penalty != 0.0 && label_of(j) != label_of(i)) {
    sum += params.penalty;
  }
  cost[at] = sum;
}
