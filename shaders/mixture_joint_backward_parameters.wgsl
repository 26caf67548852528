// dlogWeight = Σ_r dout;  dmean = Σ_r dout·(x − mean)·e^−logvar;  dlogvar = ½ Σ_r dout·((x − mean)²·e^−logvar − 1);
// over the row that a component belongs to, or over all; each added to what is there if it accumulates
// @include common/elements.wgsl

struct Params {
  rows: u32,
  cols: u32,
  components: u32,
  rowwise: u32,
  accumulateWeight: u32,
  accumulateMean: u32,
  accumulateLogvar: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> mean: array<f32>;
@group(0) @binding(3) var<storage, read> logvar: array<f32>;
@group(0) @binding(4) var<storage, read> dout: array<f32>;
@group(0) @binding(5) var<storage, read_write> dlogWeight: array<f32>;
@group(0) @binding(6) var<storage, read_write> dmean: array<f32>;
@group(0) @binding(7) var<storage, read_write> dlogvar: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let sets = select(1u, params.rows, params.rowwise != 0u);
  let at = element_index(workgroup_id, local_index);
  if (at >= sets * params.components * params.cols) {
    return;
  }
  let own = at / params.cols;
  let c = at % params.cols;
  let k = own % params.components;
  let begin = select(0u, own / params.components, params.rowwise != 0u);
  let end = select(params.rows, begin + 1u, params.rowwise != 0u);
  let inverse_variance = exp(-logvar[at]);
  var to_weight = 0.0;
  var to_mean = 0.0;
  var to_logvar = 0.0;
  for (var r = begin; r < end; r++) {
    let cotangent = dout[r * params.components + k];
    let difference = x[r * params.cols + c] - mean[at];
    to_weight += cotangent;
    to_mean += cotangent * difference * inverse_variance;
    to_logvar += 0.5 * cotangent * (difference * difference * inverse_variance - 1.0);
  }
  if (params.accumulateMean != 0u) {
    to_mean += dmean[at];
  }
  if (params.accumulateLogvar != 0u) {
    to_logvar += dlogvar[at];
  }
  dmean[at] = to_mean;
  dlogvar[at] = to_logvar;
  if (c == 0u) {
    if (params.accumulateWeight != 0u) {
      to_weight += dlogWeight[own];
    }
    dlogWeight[own] = to_weight;
  }
}
