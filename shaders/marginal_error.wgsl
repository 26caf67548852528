// out = ½ · mean_i |exp((before[i] − after[i])/ε) − 1|
// @include common/tree.wgsl

struct Params {
  n: u32,
  regularisation: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> before: array<f32>;
@group(0) @binding(2) var<storage, read> after: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

// One workgroup: a comb for every invocation, then a tree.
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(local_invocation_index) local_index: u32) {
  var sum = 0.0;
  for (var i = local_index; i < params.n; i += WORKGROUP_SIZE) {
    sum += abs(exp((before[i] - after[i]) / params.regularisation) - 1.0);
  }
  let total = tree_sum(local_index, sum);
  if (local_index == 0u) {
    out[0] = total / (2.0 * f32(params.n));
  }
}
