// y[i] = c_y y[i] (if accumulate) + c_x x[i] + Σ_s c_s k_s[i] + c_ξ N(seed, stream, clock.step, element);
// a term whose coefficient is 0 is not read
// @include common/clock.wgsl
// @include common/elements.wgsl
// @include common/random.wgsl

struct Params {
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  n: u32,
  dim: u32,
  stride: u32,
  column: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> clock: array<u32>;
@group(0) @binding(2) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> k1: array<f32>;
@group(0) @binding(5) var<storage, read> k2: array<f32>;
@group(0) @binding(6) var<storage, read> k3: array<f32>;
@group(0) @binding(7) var<storage, read> k4: array<f32>;
@group(0) @binding(8) var<storage, read_write> y: array<f32>;

// Columns of an update, as in src/backend/contracts/solver.ts.
const UPDATE_Y = 0u;
const UPDATE_X = 1u;
const UPDATE_K1 = 2u;
const UPDATE_K2 = 3u;
const UPDATE_K3 = 4u;
const UPDATE_K4 = 5u;
const UPDATE_NOISE = 6u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.n) {
    return;
  }
  let at = clock[CLOCK_ROW] * params.stride + params.column;
  var sum = 0.0;
  if (params.accumulate != 0u && table[at + UPDATE_Y] != 0.0) {
    sum += table[at + UPDATE_Y] * y[i];
  }
  if (table[at + UPDATE_X] != 0.0) {
    sum += table[at + UPDATE_X] * x[i];
  }
  if (table[at + UPDATE_K1] != 0.0) {
    sum += table[at + UPDATE_K1] * k1[i];
  }
  if (table[at + UPDATE_K2] != 0.0) {
    sum += table[at + UPDATE_K2] * k2[i];
  }
  if (table[at + UPDATE_K3] != 0.0) {
    sum += table[at + UPDATE_K3] * k3[i];
  }
  if (table[at + UPDATE_K4] != 0.0) {
    sum += table[at + UPDATE_K4] * k4[i];
  }
  let amplitude = table[at + UPDATE_NOISE];
  if (amplitude != 0.0) {
    let random = Random(vec2u(params.seedLow, params.seedHigh), params.stream, clock[CLOCK_STEP]);
    sum += amplitude * random_normal(random, wide_element(clock[CLOCK_PARTICLE], params.dim, i));
  }
  y[i] = sum;
}
