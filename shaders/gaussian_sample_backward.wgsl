// dmean = dz;  dlogvar = ½·dz·e^(½ logvar)·noise, each added to what is there if it accumulates
// @include common/elements.wgsl

struct Params {
  rows: u32,
  cols: u32,
  accumulateMean: u32,
  accumulateLogvar: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> logvar: array<f32>;
@group(0) @binding(2) var<storage, read> noise: array<f32>;
@group(0) @binding(3) var<storage, read> dz: array<f32>;
@group(0) @binding(4) var<storage, read_write> dmean: array<f32>;
@group(0) @binding(5) var<storage, read_write> dlogvar: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.rows * params.cols) {
    return;
  }
  var to_mean = dz[i];
  var to_logvar = 0.5 * dz[i] * exp(0.5 * logvar[i]) * noise[i];
  if (params.accumulateMean != 0u) {
    to_mean += dmean[i];
  }
  if (params.accumulateLogvar != 0u) {
    to_logvar += dlogvar[i];
  }
  dmean[i] = to_mean;
  dlogvar[i] = to_logvar;
}
