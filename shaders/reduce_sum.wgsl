// out[k] = Σ_{i in chunk k} x_i^power, power 1 or 2; with history, out[clock.row] is the only sum
// @include common/clock.wgsl
// @include common/dispatch.wgsl

struct Params {
  n: u32,
  chunk: u32,
  power: u32,
  history: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> clock: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

// A power of two.
override WORKGROUP_SIZE: u32 = 64u;

var<workgroup> sums: array<f32, WORKGROUP_SIZE>;

// One workgroup a chunk: every invocation sums a comb of it, then the combs are added as a balanced tree.
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let chunk = workgroup_index(workgroup_id);
  let begin = min(params.n, chunk * params.chunk);
  let end = min(params.n, begin + params.chunk);
  var sum = 0.0;
  for (var i = begin + local_index; i < end; i += WORKGROUP_SIZE) {
    let value = x[i];
    sum += select(value, value * value, params.power == 2u);
  }
  sums[local_index] = sum;
  workgroupBarrier();
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half /= 2u) {
    if (local_index < half) {
      sums[local_index] += sums[local_index + half];
    }
    workgroupBarrier();
  }
  if (local_index == 0u && begin < end) {
    var at = chunk;
    if (params.history != 0u) {
      at = clock[CLOCK_ROW];
    }
    out[at] = sums[0];
  }
}
