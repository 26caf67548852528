// z[r,c] = mean[k,c] + e^(½ logvar[k,c])·noise[r,c], k the first with Σ_{j ≤ k} e^logWeight[j] > uniform[r], or the
// last; of the row’s own components if rowwise
// @include common/elements.wgsl

struct Params {
  rows: u32,
  cols: u32,
  components: u32,
  rowwise: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> uniform_: array<f32>;
@group(0) @binding(2) var<storage, read> noise: array<f32>;
@group(0) @binding(3) var<storage, read> logWeight: array<f32>;
@group(0) @binding(4) var<storage, read> mean: array<f32>;
@group(0) @binding(5) var<storage, read> logvar: array<f32>;
@group(0) @binding(6) var<storage, read_write> z: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let r = element_index(workgroup_id, local_index);
  if (r >= params.rows) {
    return;
  }
  let first = select(0u, r * params.components, params.rowwise != 0u);
  var k = first;
  var below = exp(logWeight[k]);
  while (k < first + params.components - 1u && below <= uniform_[r]) {
    k++;
    below += exp(logWeight[k]);
  }
  for (var c = 0u; c < params.cols; c++) {
    let i = r * params.cols + c;
    let at = k * params.cols + c;
    z[i] = mean[at] + exp(0.5 * logvar[at]) * noise[i];
  }
}
