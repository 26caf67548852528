// x = c_0 x0 + c_1 x1 + c_z z and alike each target, with the weights of the row's cell in the table
// @include common/clock.wgsl
// @include common/elements.wgsl
// @include common/random.wgsl
// @include common/time_table.wgsl

struct Params {
  seedLow: u32,
  seedHigh: u32,
  batch: u32,
  dim: u32,
  rows: u32,
  sourceRows: u32,
  cells: u32,
  antithetic: u32,
  coupled: u32,
  heads: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> clock: array<u32>;
@group(0) @binding(2) var<storage, read> data: array<f32>;
@group(0) @binding(3) var<storage, read> table: array<f32>;
@group(0) @binding(4) var<storage, read> draw: array<u32>;
@group(0) @binding(5) var<storage, read> pair: array<u32>;
@group(0) @binding(6) var<storage, read_write> x: array<f32>;
@group(0) @binding(7) var<storage, read_write> first: array<f32>;
@group(0) @binding(8) var<storage, read_write> second: array<f32>;

// As in src/random/random.ts.
const STREAM_BASE = 5u;
const STREAM_LATENT = 6u;

fn stream(id: u32) -> Random {
  return Random(vec2u(params.seedLow, params.seedHigh), id, clock[CLOCK_STEP]);
}

// The combination whose three weights begin at an element of the table.
fn combine(at: u32, ends: vec3f) -> f32 {
  return dot(vec3f(table[at], table[at + 1u], table[at + 2u]), ends);
}

// One invocation a coordinate.
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let at = element_index(workgroup_id, local_index);
  let b = at / params.dim;
  let j = at % params.dim;
  if (b >= params.batch) {
    return;
  }
  // Both rows of an antithetic pair are the same draw but for the sign of z.
  let paired = params.antithetic != 0u;
  let k = select(b, b >> 1u, paired);
  let sign = select(1.0, -1.0, paired && (b & 1u) == 1u);
  var giver = b;
  if (params.coupled != 0u) {
    giver = pair[k] * select(1u, 2u, paired);
  }
  let base = draw[DRAW_COLUMNS * giver + DRAW_BASE];
  let x1 = data[draw[DRAW_COLUMNS * b + DRAW_ROW] * params.dim + j];
  var x0 = 0.0;
  if (params.sourceRows != 0u) {
    x0 = data[base * params.dim + j];
  } else {
    x0 = random_normal(stream(STREAM_BASE), wide_element(base, params.dim, j));
  }
  let z = sign * random_normal(stream(STREAM_LATENT), wide_element(k, params.dim, j));
  let ends = vec3f(x0, x1, z);
  let row = draw[DRAW_COLUMNS * b + DRAW_CELL] * TIME_COLUMNS;
  x[at] = combine(row + TIME_TABLE_X, ends);
  first[at] = combine(row + TIME_TABLE_FIRST, ends);
  if (params.heads > 1u) {
    second[at] = combine(row + TIME_TABLE_SECOND, ends);
  }
}
