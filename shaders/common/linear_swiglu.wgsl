// a[b,o] = g·σ(g)·u of g = gateBias[o] + Σ_i x[b,i]·gateWeight[o,i] and u, the same of up, as two products
// C[m,n] of m = b, n = o, k = i that share their rows; how they are added up is the variant's, which includes this.
// @include common/dispatch.wgsl
// @include common/layer.wgsl
// @include common/sigmoid.wgsl

struct Params {
  batch: u32,
  inputs: u32,
  outputs: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Element>;
@group(0) @binding(2) var<storage, read> gateWeight: array<Element>;
@group(0) @binding(3) var<storage, read> gateBias: array<Element>;
@group(0) @binding(4) var<storage, read> upWeight: array<Element>;
@group(0) @binding(5) var<storage, read> upBias: array<Element>;
@group(0) @binding(6) var<storage, read_write> a: array<Element>;

fn load_b(at: u32) -> Element {
  return gateWeight[at];
}

fn gated(gate: vec4f, up: vec4f) -> vec4f {
  return gate * vec4f(sigmoid(gate.x), sigmoid(gate.y), sigmoid(gate.z), sigmoid(gate.w)) * up;
}
