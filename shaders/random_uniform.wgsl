// out[i] = (⌊w/2⁹⌋ + ½)·2⁻²³, w = word clock.particle·dim + i of (seed, stream, clock.step)
// @include common/clock.wgsl
// @include common/elements.wgsl
// @include common/random.wgsl

struct Params {
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  n: u32,
  dim: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> clock: array<u32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.n) {
    return;
  }
  let random = Random(vec2u(params.seedLow, params.seedHigh), params.stream, clock[CLOCK_STEP]);
  let element = wide_element(clock[CLOCK_PARTICLE], params.dim, i);
  let word = random_block(random, element)[element.x & 3u];
  out[i] = (f32(word >> 9u) + 0.5) * 0x1p-23;
}
