// out[r,k] = logWeight[k] − ½ Σ_c (ln 2π + logvar[k,c] + (x[r,c] − mean[k,c])²·e^(−logvar[k,c])), of the row’s own
// components if rowwise
// @include common/elements.wgsl
// @include common/gaussian.wgsl

struct Params {
  rows: u32,
  cols: u32,
  components: u32,
  rowwise: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> logWeight: array<f32>;
@group(0) @binding(3) var<storage, read> mean: array<f32>;
@group(0) @binding(4) var<storage, read> logvar: array<f32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.rows * params.components) {
    return;
  }
  let r = i / params.components;
  // With components for each row, row r's number k is number i of all.
  let own = select(i % params.components, i, params.rowwise != 0u);
  var sum = 0.0;
  for (var c = 0u; c < params.cols; c++) {
    let at = own * params.cols + c;
    let difference = x[r * params.cols + c] - mean[at];
    sum += LOG_TWO_PI + logvar[at] + difference * difference * exp(-logvar[at]);
  }
  out[i] = logWeight[own] - 0.5 * sum;
}
