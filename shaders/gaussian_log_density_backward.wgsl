// dmean = −dx = dout·(x − mean)·e^−logvar;  dlogvar = ½·dout·((x − mean)²·e^−logvar − 1), each added to what is
// there if it accumulates
// @include common/elements.wgsl

struct Params {
  rows: u32,
  cols: u32,
  accumulateX: u32,
  accumulateMean: u32,
  accumulateLogvar: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> logvar: array<f32>;
@group(0) @binding(4) var<storage, read> dout: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;
@group(0) @binding(6) var<storage, read_write> dmean: array<f32>;
@group(0) @binding(7) var<storage, read_write> dlogvar: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.rows * params.cols) {
    return;
  }
  let cotangent = dout[i / params.cols];
  let difference = x[i] - mean[i];
  let inverse_variance = exp(-logvar[i]);
  var to_mean = cotangent * difference * inverse_variance;
  var to_x = -to_mean;
  var to_logvar = 0.5 * cotangent * (difference * difference * inverse_variance - 1.0);
  if (params.accumulateX != 0u) {
    to_x += dx[i];
  }
  if (params.accumulateMean != 0u) {
    to_mean += dmean[i];
  }
  if (params.accumulateLogvar != 0u) {
    to_logvar += dlogvar[i];
  }
  dx[i] = to_x;
  dmean[i] = to_mean;
  dlogvar[i] = to_logvar;
}
