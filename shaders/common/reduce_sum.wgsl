// out[k] = Σ_{i in chunk k} x_i^power, power 1 or 2; with history, out[clock.row] is the only sum. A chunk is added up
// as COMBS combs, which are then added eight by eight, and these eights in order; who does what is the variant's, which
// includes this.
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

const COMBS = 64u;
const GROUP = 8u;
