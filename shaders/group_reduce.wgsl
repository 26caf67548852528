// y[o,n] = Σ_i x[o,i,n], or m + ln Σ_i e^(x[o,i,n] − m) with m = max_i x[o,i,n] (added if accumulate)
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
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

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
  var result = 0.0;
  if (params.reduction == SUM) {
    for (var i = first; i < end; i += params.inner) {
      result += x[i];
    }
  } else {
    var highest = LOWEST;
    for (var i = first; i < end; i += params.inner) {
      highest = max(highest, x[i]);
    }
    var sum = 0.0;
    for (var i = first; i < end; i += params.inner) {
      sum += exp(x[i] - highest);
    }
    // The logarithm of a sum of zeros is −∞, where every x is.
    result = highest + log(sum);
  }
  if (params.accumulate != 0u) {
    result += y[at];
  }
  y[at] = result;
}
