// pair[j] = argmax_i ((potential[i] − cost[j, i])/ε + G_ji), G = −ln(−ln u)
// @include common/clock.wgsl
// @include common/dispatch.wgsl
// @include common/random.wgsl

struct Params {
  seedLow: u32,
  seedHigh: u32,
  n: u32,
  regularisation: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> clock: array<u32>;
@group(0) @binding(2) var<storage, read> cost: array<f32>;
@group(0) @binding(3) var<storage, read> potential: array<f32>;
@group(0) @binding(4) var<storage, read_write> pair: array<u32>;

// As in src/random/random.ts.
const STREAM_COUPLING = 14u;

// A power of two.
override WORKGROUP_SIZE: u32 = 64u;

var<workgroup> largest: array<f32, WORKGROUP_SIZE>;
var<workgroup> place: array<u32, WORKGROUP_SIZE>;

// −ln(−ln u) of the uniform that the bits make.
fn gumbel(bits: u32) -> f32 {
  return -log_polynomial(-log_uniform(bits));
}

// One workgroup a data point; the lower base wins a tie.
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let index = workgroup_index(workgroup_id);
  let j = min(index, params.n - 1u);
  let random = Random(vec2u(params.seedLow, params.seedHigh), STREAM_COUPLING, clock[CLOCK_STEP]);
  var best = 0u;
  var most = -3.4e38;
  for (var i = local_index; i < params.n; i += WORKGROUP_SIZE) {
    let element = j * params.n + i;
    let value = (potential[i] - cost[element]) / params.regularisation + gumbel(random_bits(random, element));
    if (value > most) {
      most = value;
      best = i;
    }
  }
  largest[local_index] = most;
  place[local_index] = best;
  workgroupBarrier();
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half /= 2u) {
    if (local_index < half) {
      let a = largest[local_index];
      let b = largest[local_index + half];
      if (b > a || (b == a && place[local_index + half] < place[local_index])) {
        largest[local_index] = b;
        place[local_index] = place[local_index + half];
      }
    }
    workgroupBarrier();
  }
  if (local_index == 0u && index < params.n) {
    pair[j] = place[0];
  }
}
