// A tile of particles in workgroup memory, and the layers of a network on it; for fused_sampler.wgsl, whose
// `params` and `weights` these are.
// @include common/elements.wgsl

// Particles a workgroup, set by the host from the network's size: a multiple of 4, at most 4·WORKGROUP_SIZE, and
// WORKGROUP_SIZE a multiple of a quarter of it. The default is the standard network's.
override TILE: u32 = 8u;
// Groups of four particles in a tile, and invocations that share a group.
const GROUP = 4u;
override GROUPS: u32 = TILE / GROUP;
override LANES: u32 = WORKGROUP_SIZE / GROUPS;
// Elements of a tile's memory, at most WebGPU's default limit of 1024.
override MEMORY: u32 = 1024u;

// All that a tile works on, an element four particles' numbers, [rows, TILE/4]: `hidden` rows of the residual
// stream; as many rows of `wide`, a layer's input or the inside of a block, as the widest of these has; then the
// solver's state: dim rows of positions, dim rows of the stage's point, dim rows a slope. One array with offsets
// from the uniform, so that networks of many sizes share a pipeline.
var<workgroup> memory: array<vec4f, MEMORY>;

// Elements that a tensor takes in the flat array.
fn aligned(length: u32) -> u32 {
  return (length + 63u) / 64u * 64u;
}

fn input_width() -> u32 {
  return params.dim + 2u * params.pointFrequencies + 1u + 2u * params.timeFrequencies
    + select(0u, params.labelWidth, params.classes > 0u);
}

// Elements of a linear layer; its bias lies at the aligned length of its weight.
fn layer_length(inputs: u32, outputs: u32) -> u32 {
  return aligned(inputs * outputs) + aligned(outputs);
}

fn label_length() -> u32 {
  return select(0u, aligned((params.classes + 1u) * params.labelWidth), params.classes > 0u);
}

// An invocation's four outputs lie a row of lanes apart; past the last one it computes the last one again.
fn four_outputs(output: u32, outputs: u32) -> vec4u {
  return min(vec4u(output, output + LANES, output + 2u * LANES, output + 3u * LANES), vec4u(outputs - 1u));
}

fn four_biases(at: u32, o: vec4u) -> mat4x4f {
  return mat4x4f(vec4f(weights[at + o.x]), vec4f(weights[at + o.y]), vec4f(weights[at + o.z]), vec4f(weights[at + o.w]));
}

fn residual_at(row: u32, group: u32) -> u32 {
  return row * GROUPS + group;
}

fn wide_at(row: u32, group: u32) -> u32 {
  return (params.hidden + row) * GROUPS + group;
}

fn state_at(row: u32, group: u32) -> u32 {
  return (params.hidden + max(params.inner, input_width()) + row) * GROUPS + group;
}

// W·v + b for the four outputs o and a group's particles, v the rows of memory from element `values` on: a
// column an output.
fn linear(values: u32, at: u32, inputs: u32, outputs: u32, o: vec4u) -> mat4x4f {
  var sum_0 = vec4f(0.0);
  var sum_1 = vec4f(0.0);
  var sum_2 = vec4f(0.0);
  var sum_3 = vec4f(0.0);
  var row = at;
  let end = values + inputs * GROUPS;
  for (var i = values; i < end; i += GROUPS) {
    let value = memory[i];
    sum_0 += weights[row + o.x] * value;
    sum_1 += weights[row + o.y] * value;
    sum_2 += weights[row + o.z] * value;
    sum_3 += weights[row + o.w] * value;
    row += outputs;
  }
  return mat4x4f(sum_0, sum_1, sum_2, sum_3) + four_biases(at + aligned(inputs * outputs), o);
}

// residual ← W·wide + b, on top of itself in a block.
fn wide_to_residual(at: u32, inputs: u32, add: bool, local_index: u32) {
  let group = local_index / LANES;
  let lane = local_index % LANES;
  for (var output = lane; output < params.hidden; output += 4u * LANES) {
    let o = four_outputs(output, params.hidden);
    let y = linear(wide_at(0u, group), at, inputs, params.hidden, o);
    for (var r = 0u; r < 4u; r++) {
      if (output + r * LANES < params.hidden) {
        let index = residual_at(output + r * LANES, group);
        memory[index] = select(y[r], memory[index] + y[r], add);
      }
    }
  }
}
