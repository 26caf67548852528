// y = f(x): e^x, ln x, ln(1 + e^x), tanh x, 1/(1 + e^−x), x², min(high, max(low, x))
// @include common/elements.wgsl
// @include common/pointwise.wgsl
// @include common/sigmoid.wgsl
// @include common/softplus.wgsl

struct Params {
  n: u32,
  operation: u32,
  low: f32,
  high: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

fn value_of(x: f32) -> f32 {
  switch params.operation {
    case EXP: {
      return exp(x);
    }
    case LOG: {
      return log(x);
    }
    case SOFTPLUS: {
      return softplus(x);
    }
    case TANH: {
      return tanh_exact(x);
    }
    case SIGMOID: {
      return sigmoid(x);
    }
    case SQUARE: {
      return x * x;
    }
    default: {
      return min(params.high, max(params.low, x));
    }
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.n) {
    return;
  }
  y[i] = value_of(x[i]);
}
