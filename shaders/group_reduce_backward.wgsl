// dx[o,i,n] = dy[o,n], times e^x[o,i,n] / Σ_i′ e^x[o,i′,n] for logsumexp (added if accumulate)
// @include common/elements.wgsl

struct Params {
  outer: u32,
  size: u32,
  inner: u32,
  reduction: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

const SUM = 0u;
const LOWEST = -3.4028234e38;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let at = element_index(workgroup_id, local_index);
  if (at >= params.outer * params.inner) {
    return;
  }
  let first = (at / params.inner) * params.size * params.inner + at % params.inner;
  let end = first + params.size * params.inner;
  var highest = LOWEST;
  var sum = 0.0;
  if (params.reduction != SUM) {
    for (var i = first; i < end; i += params.inner) {
      highest = max(highest, x[i]);
    }
    for (var i = first; i < end; i += params.inner) {
      sum += exp(x[i] - highest);
    }
  }
  for (var i = first; i < end; i += params.inner) {
    var gradient = dy[at];
    if (params.reduction != SUM) {
      // A group all of −∞ sends nothing back.
      gradient *= select(0.0, exp(x[i] - highest) / sum, sum > 0.0);
    }
    if (params.accumulate != 0u) {
      gradient += dx[i];
    }
    dx[i] = gradient;
  }
}
