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

// A multiple of GROUP.
override WORKGROUP_SIZE: u32 = 64u;

const GROUP = 8u;

var<workgroup> sums: array<f32, WORKGROUP_SIZE>;

// One workgroup a chunk: every invocation sums a comb of it, every eighth then adds eight combs, and the first
// adds those. Two barriers instead of a tree's six, which cost more than the additions that they save.
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
  if (local_index % GROUP == 0u) {
    for (var i = 1u; i < GROUP; i++) {
      sum += sums[local_index + i];
    }
    sums[local_index] = sum;
  }
  workgroupBarrier();
  if (local_index == 0u && begin < end) {
    for (var i = GROUP; i < WORKGROUP_SIZE; i += GROUP) {
      sum += sums[i];
    }
    var at = chunk;
    if (params.history != 0u) {
      at = clock[CLOCK_ROW];
    }
    out[at] = sum;
  }
}
