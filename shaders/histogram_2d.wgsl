// counts[cell of the point] += 1, counts[nx·ny] += 1 outside; `clear` starts from 0
// @include common/elements.wgsl

struct Params {
  n: u32,
  nx: u32,
  ny: u32,
  left: f32,
  right: f32,
  bottom: f32,
  top: f32,
  accumulate: u32,
  // Cells a unit of length.
  perX: f32,
  perY: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> points: array<f32>;
@group(0) @binding(2) var<storage, read_write> counts: array<atomic<u32>>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn clear(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i <= params.nx * params.ny) {
    atomicStore(&counts[i], 0u);
  }
}

// Integer additions commute, so that the order in which they happen does not show.
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.n) {
    return;
  }
  let x = floor((points[2u * i] - params.left) * params.perX);
  let y = floor((points[2u * i + 1u] - params.bottom) * params.perY);
  var at = params.nx * params.ny;
  // What is not a number compares false, and so lies outside.
  if (x >= 0.0 && x < f32(params.nx) && y >= 0.0 && y < f32(params.ny)) {
    at = u32(y) * params.nx + u32(x);
  }
  atomicAdd(&counts[at], 1u);
}
