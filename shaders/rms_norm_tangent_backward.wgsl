// tox[b,i] = −Σ_k (x[b,i]·(P − 3·M·Q/(width·ρ²)) + dx[b,k,i]·Q + dda[b,k,i]·M)/(width·ρ³) (added if accumulate);
// M = Σ_j x·dx, P = Σ_j dda·dx, Q = Σ_j dda·x
// @include common/row_sums.wgsl

struct Params {
  batch: u32,
  directions: u32,
  width: u32,
  epsilon: f32,
  accumulate: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dx: array<f32>;
@group(0) @binding(3) var<storage, read> dda: array<f32>;
@group(0) @binding(4) var<storage, read_write> tox: array<f32>;

// One workgroup a row of values.
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let index = workgroup_index(workgroup_id);
  // Workgroups past the end repeat the last one's work, and do not keep it.
  let b = min(index, params.batch - 1u);
  let kept = index < params.batch;
  let value = b * params.width;
  let width = f32(params.width);
  var squares = 0.0;
  for (var i = local_index; i < params.width; i += WORKGROUP_SIZE) {
    squares += x[value + i] * x[value + i];
  }
  let inverse = inverseSqrt(params.epsilon + row_sum(local_index, squares) / width);
  let factor = inverse * inverse * inverse / width;
  for (var k = 0u; k < params.directions; k++) {
    let row = (b * params.directions + k) * params.width;
    var to_tangent = 0.0;
    var to_cotangent = 0.0;
    var products = 0.0;
    for (var i = local_index; i < params.width; i += WORKGROUP_SIZE) {
      to_tangent += x[value + i] * dx[row + i];
      to_cotangent += x[value + i] * dda[row + i];
      products += dx[row + i] * dda[row + i];
    }
    let m = row_sum(local_index, to_tangent);
    let q = row_sum(local_index, to_cotangent);
    let own = row_sum(local_index, products) - 3.0 * m * q * inverse * inverse / width;
    if (kept) {
      let adds = k > 0u || params.accumulate != 0u;
      for (var i = local_index; i < params.width; i += WORKGROUP_SIZE) {
        var result = -factor * (x[value + i] * own + dx[row + i] * q + dda[row + i] * m);
        if (adds) {
          result += tox[value + i];
        }
        tox[value + i] = result;
      }
    }
  }
}
