// x1[k] = data[row], x0[k] = data[base] or the normals of that base
// @include common/clock.wgsl
// @include common/draw.wgsl
// @include common/elements.wgsl
// @include common/random.wgsl

struct Params {
  seedLow: u32,
  seedHigh: u32,
  n: u32,
  dim: u32,
  rows: u32,
  sourceRows: u32,
  antithetic: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> clock: array<u32>;
@group(0) @binding(2) var<storage, read> data: array<f32>;
@group(0) @binding(3) var<storage, read> draw: array<u32>;
@group(0) @binding(4) var<storage, read_write> x0: array<f32>;
@group(0) @binding(5) var<storage, read_write> x1: array<f32>;

// As in src/random/random.ts.
const STREAM_BASE = 5u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let at = element_index(workgroup_id, local_index);
  let k = at / params.dim;
  let j = at % params.dim;
  if (k >= params.n) {
    return;
  }
  let first = select(k, 2u * k, params.antithetic != 0u) * DRAW_COLUMNS;
  let base = draw[first + DRAW_BASE];
  x1[at] = data[draw[first + DRAW_ROW] * params.dim + j];
  if (params.sourceRows != 0u) {
    x0[at] = data[base * params.dim + j];
  } else {
    let random = Random(vec2u(params.seedLow, params.seedHigh), STREAM_BASE, clock[CLOCK_STEP]);
    x0[at] = random_normal(random, wide_element(base, params.dim, j));
  }
}
