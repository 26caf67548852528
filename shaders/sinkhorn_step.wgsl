// φ[a] = −ε(ln n + ln Σ_b exp((other[b] − c_ab)/ε)), c_ab = cost[a, b], or cost[b, a] with transpose;
// potential = φ, or with accumulate (1 − ω)·potential + ω·φ
// @include common/dispatch.wgsl
// @include common/random.wgsl
// @include common/tree.wgsl

struct Params {
  n: u32,
  regularisation: f32,
  transpose: u32,
  warm: u32,
  accumulate: u32,
  relaxation: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> cost: array<f32>;
@group(0) @binding(2) var<storage, read> other: array<f32>;
@group(0) @binding(3) var<storage, read_write> potential: array<f32>;

fn exponent(a: u32, b: u32) -> f32 {
  let index = select(a * params.n + b, b * params.n + a, params.transpose != 0u);
  var from_other = 0.0;
  if (params.warm != 0u) {
    from_other = other[b];
  }
  return (from_other - cost[index]) / params.regularisation;
}

// One workgroup a potential: the largest exponent first, then the sum, each by a tree.
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let index = workgroup_index(workgroup_id);
  // Workgroups past the end repeat the last one's work, and do not keep it.
  let a = min(index, params.n - 1u);
  var largest = -3.0e38;
  for (var b = local_index; b < params.n; b += WORKGROUP_SIZE) {
    largest = max(largest, exponent(a, b));
  }
  parts[local_index] = largest;
  workgroupBarrier();
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half /= 2u) {
    if (local_index < half) {
      parts[local_index] = max(parts[local_index], parts[local_index + half]);
    }
    workgroupBarrier();
  }
  workgroupBarrier();
  largest = parts[0];
  workgroupBarrier();
  var sum = 0.0;
  for (var b = local_index; b < params.n; b += WORKGROUP_SIZE) {
    sum += exp(exponent(a, b) - largest);
  }
  let total = tree_sum(local_index, sum);
  if (local_index == 0u && index < params.n) {
    var value = -params.regularisation * (log_polynomial(f32(params.n)) + largest + log_polynomial(total));
    if (params.accumulate != 0u) {
      value = (1.0 - params.relaxation) * potential[a] + params.relaxation * value;
    }
    potential[a] = value;
  }
}
