// dx = f′(x)·dy (added if accumulate): e^x, 1/x, σ(x), 1 − tanh² x, σ(x)·σ(−x), 2x, 1 within [low, high]
// @include common/elements.wgsl
// @include common/pointwise.wgsl
// @include common/sigmoid.wgsl

struct Params {
  n: u32,
  operation: u32,
  low: f32,
  high: f32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

fn slope_at(x: f32) -> f32 {
  switch params.operation {
    case EXP: {
      return exp(x);
    }
    case LOG: {
      return 1.0 / x;
    }
    case SOFTPLUS: {
      return sigmoid(x);
    }
    case TANH: {
      return 4.0 * sigmoid(2.0 * x) * sigmoid(-2.0 * x);
    }
    case SIGMOID: {
      return sigmoid(x) * sigmoid(-x);
    }
    case SQUARE: {
      return 2.0 * x;
    }
    default: {
      return select(0.0, 1.0, x >= params.low && x <= params.high);
    }
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.n) {
    return;
  }
  var gradient = slope_at(x[i]) * dy[i];
  if (params.accumulate != 0u) {
    gradient += dx[i];
  }
  dx[i] = gradient;
}
