// step ← step + by;  row ← row + by
// @include common/clock.wgsl

struct Params {
  by: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> clock: array<u32>;

@compute @workgroup_size(1)
fn main() {
  clock[CLOCK_STEP] += params.by;
  clock[CLOCK_ROW] += params.by;
}
