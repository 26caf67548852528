// y ← c_y y + Σ_i c_i k_i + c_ξ N(…) with k_i = f(t_i, c_x y + Σ_{j<i} c_j k_j), f the network, for several steps
//
// A workgroup moves TILE particles through all steps; their activations stay in its memory, four particles an
// element. An invocation computes blocks of four outputs for four particles: neighbouring invocations take
// neighbouring outputs, and read neighbouring weights, because `transpose_matrices` has laid those out by inputs first.
// @include common/clock.wgsl
// @include common/elements.wgsl
// @include common/random.wgsl
// @include common/sigmoid.wgsl

struct Params {
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  first: u32,
  n: u32,
  dim: u32,
  steps: u32,
  stages: u32,
  stride: u32,
  hidden: u32,
  inner: u32,
  blocks: u32,
  pointFrequencies: u32,
  timeFrequencies: u32,
  classes: u32,
  labelWidth: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> clock: array<u32>;
@group(0) @binding(2) var<storage, read> table: array<f32>;
@group(0) @binding(3) var<storage, read> parameters: array<f32>;
@group(0) @binding(4) var<storage, read> pointFrequency: array<f32>;
@group(0) @binding(5) var<storage, read> timeFrequency: array<f32>;
@group(0) @binding(6) var<storage, read> label: array<u32>;
@group(0) @binding(7) var<storage, read_write> x: array<f32>;
// The parameters with every matrix transposed, at the same offsets.
@group(0) @binding(8) var<storage, read_write> weights: array<f32>;

// Particles a workgroup, set by the host from the network's size: a multiple of 4, at most 4·WORKGROUP_SIZE, and
// WORKGROUP_SIZE a multiple of a quarter of it. The default is the standard network's.
override TILE: u32 = 8u;

// All that a tile works on, an element four particles' numbers, [rows, TILE/4]: `hidden` rows of the residual
// stream; as many rows of `wide`, a layer's input or the inside of a block, as the widest of these has; then the
// solver's state: dim rows of positions, dim rows of the stage's point, dim rows a slope. One array of WebGPU's
// default limit with offsets from the uniform, so that networks of all sizes share a pipeline.
var<workgroup> memory: array<vec4f, 1024>;

// Columns of an update, as in src/backend/contracts/solver.ts.
const UPDATE_Y = 0u;
const UPDATE_X = 1u;
const UPDATE_K1 = 2u;
const UPDATE_NOISE = 6u;
const UPDATE_COLUMNS = 7u;

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

@compute @workgroup_size(WORKGROUP_SIZE)
fn transpose_matrices(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= arrayLength(&weights)) {
    return;
  }
  var source = i;
  var at = label_length();
  for (var layer = 0u; layer < 3u * params.blocks + 2u; layer++) {
    var inputs = params.hidden;
    var outputs = params.inner;
    if (layer == 0u) {
      inputs = input_width();
      outputs = params.hidden;
    } else if (layer == 3u * params.blocks + 1u) {
      outputs = params.dim;
    } else if (layer % 3u == 0u) {
      inputs = params.inner;
      outputs = params.hidden;
    }
    if (i >= at && i < at + inputs * outputs) {
      source = at + (i - at) % outputs * inputs + (i - at) / outputs;
    }
    at += layer_length(inputs, outputs);
  }
  weights[i] = parameters[source];
}

// Which quarter of a tile, and which of the invocations that share it.
struct Place {
  group: u32,
  lane: u32,
}

const GROUP = 4u;

fn groups() -> u32 {
  return TILE / GROUP;
}

fn lanes() -> u32 {
  return WORKGROUP_SIZE / groups();
}

fn place_of(local_index: u32) -> Place {
  return Place(local_index / lanes(), local_index % lanes());
}

// An invocation's four outputs lie a row of lanes apart; past the last one it computes the last one again.
fn four_outputs(output: u32, outputs: u32) -> vec4u {
  return min(vec4u(output, output + lanes(), output + 2u * lanes(), output + 3u * lanes()), vec4u(outputs - 1u));
}

fn four_biases(at: u32, o: vec4u) -> mat4x4f {
  return mat4x4f(vec4f(weights[at + o.x]), vec4f(weights[at + o.y]), vec4f(weights[at + o.z]), vec4f(weights[at + o.w]));
}

fn residual_at(row: u32, group: u32) -> u32 {
  return row * groups() + group;
}

fn wide_at(row: u32, group: u32) -> u32 {
  return (params.hidden + row) * groups() + group;
}

fn state_at(row: u32, group: u32) -> u32 {
  return (params.hidden + max(params.inner, input_width()) + row) * groups() + group;
}

// W·v + b for the four outputs o and a group's particles, v the rows of memory from element `values` on: a
// column an output.
fn linear(values: u32, at: u32, inputs: u32, outputs: u32, o: vec4u) -> mat4x4f {
  var sum_0 = vec4f(0.0);
  var sum_1 = vec4f(0.0);
  var sum_2 = vec4f(0.0);
  var sum_3 = vec4f(0.0);
  var row = at;
  let end = values + inputs * groups();
  for (var i = values; i < end; i += groups()) {
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
fn wide_to_residual(at: u32, inputs: u32, add: bool, place: Place) {
  for (var output = place.lane; output < params.hidden; output += 4u * lanes()) {
    let o = four_outputs(output, params.hidden);
    let y = linear(wide_at(0u, place.group), at, inputs, params.hidden, o);
    for (var r = 0u; r < 4u; r++) {
      if (output + r * lanes() < params.hidden) {
        let index = residual_at(output + r * lanes(), place.group);
        memory[index] = select(y[r], memory[index] + y[r], add);
      }
    }
  }
}

fn swiglu(gate: vec4f, up: vec4f) -> vec4f {
  return gate * vec4f(sigmoid(gate.x), sigmoid(gate.y), sigmoid(gate.z), sigmoid(gate.w)) * up;
}

// wide ← silu(W_gate·residual + b_gate) ⊙ (W_up·residual + b_up)
fn residual_to_wide(gate_at: u32, place: Place) {
  let up_at = gate_at + layer_length(params.hidden, params.inner);
  for (var output = place.lane; output < params.inner; output += 4u * lanes()) {
    let o = four_outputs(output, params.inner);
    let gate = linear(residual_at(0u, place.group), gate_at, params.hidden, params.inner, o);
    let up = linear(residual_at(0u, place.group), up_at, params.hidden, params.inner, o);
    for (var r = 0u; r < 4u; r++) {
      if (output + r * lanes() < params.inner) {
        memory[wide_at(output + r * lanes(), place.group)] = swiglu(gate[r], up[r]);
      }
    }
  }
}

// Writes sin and cos of four angles into two rows of `wide`.
fn write_waves(turns: vec4f, sin_row: u32, cos_row: u32, group: u32) {
  let a = sincos_turns(turns.x);
  let b = sincos_turns(turns.y);
  let c = sincos_turns(turns.z);
  let d = sincos_turns(turns.w);
  memory[wide_at(sin_row, group)] = vec4f(a.x, b.x, c.x, d.x);
  memory[wide_at(cos_row, group)] = vec4f(a.y, b.y, c.y, d.y);
}

// wide ← (x, its features, t, its features, label) of the stage's points; one column, or a sine and its
// cosine, at a time.
fn write_input(t: f32, particles: vec4u, place: Place) {
  let time_column = params.dim + 2u * params.pointFrequencies;
  let label_column = time_column + 1u + 2u * params.timeFrequencies;
  let time_job = params.dim + params.pointFrequencies;
  let label_job = time_job + 1u + params.timeFrequencies;
  let jobs = label_job + input_width() - label_column;
  for (var job = place.lane; job < jobs; job += lanes()) {
    if (job < params.dim) {
      memory[wide_at(job, place.group)] = memory[state_at(params.dim + job, place.group)];
    } else if (job < time_job) {
      let k = job - params.dim;
      var turns = vec4f(0.0);
      for (var j = 0u; j < params.dim; j++) {
        let f = pointFrequency[k * params.dim + j];
        let value = memory[state_at(params.dim + j, place.group)];
        turns += vec4f(
          product_turns(f, value.x),
          product_turns(f, value.y),
          product_turns(f, value.z),
          product_turns(f, value.w),
        );
      }
      write_waves(turns, params.dim + k, params.dim + params.pointFrequencies + k, place.group);
    } else if (job == time_job) {
      memory[wide_at(time_column, place.group)] = vec4f(t);
    } else if (job < label_job) {
      let k = job - time_job - 1u;
      let turns = vec4f(product_turns(timeFrequency[k], t));
      write_waves(turns, time_column + 1u + k, time_column + 1u + params.timeFrequencies + k, place.group);
    } else {
      let j = job - label_job;
      memory[wide_at(label_column + j, place.group)] = vec4f(
        weights[label[particles.x] * params.labelWidth + j],
        weights[label[particles.y] * params.labelWidth + j],
        weights[label[particles.z] * params.labelWidth + j],
        weights[label[particles.w] * params.labelWidth + j],
      );
    }
  }
}

// The output layer has few outputs: each is summed in parts, so that all invocations have work.
fn output_parts() -> u32 {
  return max(1u, min(WORKGROUP_SIZE / (params.dim * groups()), input_width() / params.dim));
}

// wide ← partial sums of W_out·residual, [parts, dim, TILE/4]
fn write_output_parts(at: u32, local_index: u32) {
  let items = params.dim * groups();
  let part_length = (params.hidden + output_parts() - 1u) / output_parts();
  for (var job = local_index; job < output_parts() * items; job += WORKGROUP_SIZE) {
    let begin = job / items * part_length;
    let j = job % items / groups();
    let group = job % groups();
    var sum = vec4f(0.0);
    for (var k = begin; k < min(params.hidden, begin + part_length); k++) {
      sum += weights[at + k * params.dim + j] * memory[residual_at(k, group)];
    }
    memory[wide_at(0u, job)] = sum;
  }
}

// own·y + Σ_s c_s k_s of row j, by the coefficients that start at `column`.
fn combine(own: f32, column: u32, slopes: u32, j: u32, group: u32) -> vec4f {
  var sum = own * memory[state_at(j, group)];
  for (var s = 0u; s < slopes; s++) {
    sum += table[column + UPDATE_K1 + s] * memory[state_at((2u + s) * params.dim + j, group)];
  }
  return sum;
}

// Four particles' noise in coordinate j.
fn noise(random: Random, particles: vec4u, j: u32) -> vec4f {
  var xi = vec4f(0.0);
  for (var i = 0u; i < GROUP; i++) {
    xi[i] = random_normal(random, wide_element(clock[CLOCK_PARTICLE], params.dim, particles[i] * params.dim + j));
  }
  return xi;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let place = place_of(local_index);
  let tile_start = params.first + workgroup_index(workgroup_id) * TILE;
  let end = params.first + params.n;
  let own = tile_start + GROUP * place.group + vec4u(0u, 1u, 2u, 3u);
  // Past the last particle, the last one again: computed, never written.
  let particles = min(own, vec4u(end - 1u));
  let input_at = label_length();
  let block_at = input_at + layer_length(input_width(), params.hidden);
  let block_length = 2u * layer_length(params.hidden, params.inner) + layer_length(params.inner, params.hidden);
  let output_at = block_at + params.blocks * block_length;
  let output_bias = output_at + aligned(params.hidden * params.dim);
  // One lane of every group for each coordinate.
  for (var j = place.lane; j < params.dim; j += lanes()) {
    let y = vec4f(
      x[particles.x * params.dim + j],
      x[particles.y * params.dim + j],
      x[particles.z * params.dim + j],
      x[particles.w * params.dim + j],
    );
    memory[state_at(j, place.group)] = y;
    memory[state_at(params.dim + j, place.group)] = y;
  }
  for (var step = 0u; step < params.steps; step++) {
    let row = (clock[CLOCK_ROW] + step) * params.stride;
    for (var stage = 0u; stage < params.stages; stage++) {
      workgroupBarrier();
      write_input(table[row + stage], particles, place);
      workgroupBarrier();
      wide_to_residual(input_at, input_width(), false, place);
      workgroupBarrier();
      for (var b = 0u; b < params.blocks; b++) {
        let at = block_at + b * block_length;
        residual_to_wide(at, place);
        workgroupBarrier();
        wide_to_residual(at + 2u * layer_length(params.hidden, params.inner), params.inner, true, place);
        workgroupBarrier();
      }
      write_output_parts(output_at, local_index);
      workgroupBarrier();
      // The coefficients of the next stage's point, or of the step behind the last stage.
      let column = row + params.stages + stage * UPDATE_COLUMNS;
      let last = stage + 1u == params.stages;
      let amplitude = select(0.0, table[column + UPDATE_NOISE], last);
      let random = Random(vec2u(params.seedLow, params.seedHigh), params.stream, clock[CLOCK_STEP] + step);
      for (var j = place.lane; j < params.dim; j += lanes()) {
        var slope = vec4f(weights[output_bias + j]);
        for (var part = 0u; part < output_parts(); part++) {
          slope += memory[wide_at(part * params.dim + j, place.group)];
        }
        memory[state_at((2u + stage) * params.dim + j, place.group)] = slope;
        let factor = table[column + select(UPDATE_X, UPDATE_Y, last)];
        var point = combine(factor, column, stage + 1u, j, place.group);
        if (amplitude != 0.0) {
          point += amplitude * noise(random, particles, j);
        }
        memory[state_at(params.dim + j, place.group)] = point;
        if (last) {
          memory[state_at(j, place.group)] = point;
        }
      }
    }
  }
  for (var j = place.lane; j < params.dim; j += lanes()) {
    let y = memory[state_at(j, place.group)];
    for (var i = 0u; i < GROUP; i++) {
      let particle = own[i];
      if (particle < end) {
        x[particle * params.dim + j] = y[i];
      }
    }
  }
}
