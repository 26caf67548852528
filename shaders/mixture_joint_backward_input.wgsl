// dx[r,c] = Σ_k dout[r,k]·(mean[k,c] − x[r,c])·e^−logvar[k,c] (added if accumulate)
// @include common/elements.wgsl

struct Params {
  rows: u32,
  cols: u32,
  components: u32,
  rowwise: u32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> logvar: array<f32>;
@group(0) @binding(4) var<storage, read> dout: array<f32>;
@group(0) @binding(5) var<storage, read_write> dx: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.rows * params.cols) {
    return;
  }
  let r = i / params.cols;
  let c = i % params.cols;
  let first = select(0u, r * params.components, params.rowwise != 0u);
  var sum = 0.0;
  for (var k = 0u; k < params.components; k++) {
    let at = (first + k) * params.cols + c;
    sum += dout[r * params.components + k] * (mean[at] - x[i]) * exp(-logvar[at]);
  }
  if (params.accumulate != 0u) {
    sum += dx[i];
  }
  dx[i] = sum;
}
