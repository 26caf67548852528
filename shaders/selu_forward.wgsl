// y = λx for x > 0, else λα(e^x − 1)
// @include common/elements.wgsl
// @include common/selu.wgsl

struct Params {
  n: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

// e^x − 1 for x ≤ 0. Near 0 the difference would keep few digits: there the Taylor polynomial of degree 7, whose first
// dropped term is below 1e-9 of the first.
fn expm1(x: f32) -> f32 {
  let series = x * (1.0 + x * (0.5 + x * (1.0 / 6.0 + x * (1.0 / 24.0 + x * (1.0 / 120.0
    + x * (1.0 / 720.0 + x * (1.0 / 5040.0)))))));
  return select(exp(x) - 1.0, series, x > -0.25);
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.n) {
    return;
  }
  let value = x[i];
  y[i] = SELU_SCALE * select(SELU_ALPHA * expm1(min(value, 0.0)), value, value > 0.0);
}
