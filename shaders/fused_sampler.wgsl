// y ← c_y y + Σ_i c_i k_i + c_ξ N(…) with k_i = f(t_i, c_x y + Σ_{j<i} c_j k_j + c_ξ N(…)), f the network, for several
// steps
//
// A workgroup moves TILE particles through all steps; their activations stay in its memory, four particles an
// element. An invocation computes blocks of four outputs for four particles: neighbouring invocations take
// neighbouring outputs, and read neighbouring weights, because `transpose_matrices` has laid those out by inputs first.
// @include common/clock.wgsl
// @include common/elements.wgsl
// @include common/fused_tile.wgsl
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
  unlabelled: u32,
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

// Columns of an update, as in src/backend/contracts/solver.ts.
const UPDATE_Y = 0u;
const UPDATE_X = 1u;
const UPDATE_K1 = 2u;
const UPDATE_NOISE = 6u;
const UPDATE_COLUMNS = 7u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn transpose_matrices(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = workgroup_index(workgroup_id) * WORKGROUP_SIZE + local_index;
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
  let value = parameters[source];
  weights[i] = value;
}

fn swiglu(gate: vec4f, up: vec4f) -> vec4f {
  return gate * vec4f(sigmoid(gate.x), sigmoid(gate.y), sigmoid(gate.z), sigmoid(gate.w)) * up;
}

// wide ← silu(W_gate·residual + b_gate) ⊙ (W_up·residual + b_up)
fn residual_to_wide(gate_at: u32, up_at: u32, local_index: u32) {
  let group = local_index / LANES;
  let lane = local_index % LANES;
  for (var output = lane; output < params.inner; output += 4u * LANES) {
    let o = four_outputs(output, params.inner);
    let gate = linear(residual_at(0u, group), gate_at, params.hidden, params.inner, o);
    let up = linear(residual_at(0u, group), up_at, params.hidden, params.inner, o);
    for (var r = 0u; r < 4u; r++) {
      if (output + r * LANES < params.inner) {
        let index = wide_at(output + r * LANES, group);
        memory[index] = swiglu(gate[r], up[r]);
      }
    }
  }
}

// Writes sin and cos of four angles into two rows of `wide`. Here and below a loop over the four, so that the text of
// long functions is compiled once: a software adapter takes seconds for more.
fn write_waves(turns: vec4f, sin_row: u32, cos_row: u32, group: u32) {
  var sines = vec4f(0.0);
  var cosines = vec4f(0.0);
  for (var i = 0u; i < GROUP; i++) {
    let wave = sincos_turns(turns[i]);
    sines[i] = wave.x;
    cosines[i] = wave.y;
  }
  memory[wide_at(sin_row, group)] = sines;
  memory[wide_at(cos_row, group)] = cosines;
}

// wide ← (x, its features, t, its features, label) of the stage's points; one column, or a sine and its
// cosine, at a time.
fn write_input(t: f32, particles: vec4u, labelled: bool, local_index: u32) {
  let group = local_index / LANES;
  let lane = local_index % LANES;
  let time_column = params.dim + 2u * params.pointFrequencies;
  let label_column = time_column + 1u + 2u * params.timeFrequencies;
  let time_job = params.dim + params.pointFrequencies;
  let label_job = time_job + 1u + params.timeFrequencies;
  let jobs = label_job + select(0u, params.labelWidth, params.classes > 0u);
  for (var job = lane; job < jobs; job += LANES) {
    if (job < params.dim) {
      memory[wide_at(job, group)] = memory[state_at(params.dim + job, group)];
    } else if (job < time_job) {
      let k = job - params.dim;
      var turns = vec4f(0.0);
      for (var j = 0u; j < params.dim; j++) {
        let f = pointFrequency[k * params.dim + j];
        let value = memory[state_at(params.dim + j, group)];
        for (var i = 0u; i < GROUP; i++) {
          turns[i] += product_turns(f, value[i]);
        }
      }
      write_waves(turns, params.dim + k, params.dim + params.pointFrequencies + k, group);
    } else if (job == time_job) {
      memory[wide_at(time_column, group)] = vec4f(t);
    } else if (job < label_job) {
      let k = job - time_job - 1u;
      let turns = vec4f(product_turns(timeFrequency[k], t));
      write_waves(turns, time_column + 1u + k, time_column + 1u + params.timeFrequencies + k, group);
    } else {
      let j = job - label_job;
      var rows = vec4u(params.classes);
      if (labelled) {
        rows = vec4u(label[particles.x], label[particles.y], label[particles.z], label[particles.w]);
      }
      let at = rows * params.labelWidth + j;
      let index = wide_at(label_column + j, group);
      memory[index] = vec4f(weights[at.x], weights[at.y], weights[at.z], weights[at.w]);
    }
  }
}

// The output layer has few outputs: each is summed in parts, so that all invocations have work.
fn output_parts() -> u32 {
  return max(1u, min(WORKGROUP_SIZE / (params.dim * GROUPS), input_width() / params.dim));
}

// wide ← partial sums of W_out·residual, [parts, dim, TILE/4]
fn write_output_parts(at: u32, local_index: u32) {
  let items = params.dim * GROUPS;
  let part_length = (params.hidden + output_parts() - 1u) / output_parts();
  for (var job = local_index; job < output_parts() * items; job += WORKGROUP_SIZE) {
    let begin = job / items * part_length;
    let j = job % items / GROUPS;
    let group = job % GROUPS;
    var sum = vec4f(0.0);
    for (var k = begin; k < min(params.hidden, begin + part_length); k++) {
      sum += weights[at + k * params.dim + j] * memory[residual_at(k, group)];
    }
    memory[wide_at(0u, job)] = sum;
  }
}

// c·y + Σ_s c_s k_s of row j, by the coefficients that start at `column`, y's the one at `own`.
fn combine(own: u32, column: u32, slopes: u32, j: u32, group: u32) -> vec4f {
  var sum = table[column + own] * memory[state_at(j, group)];
  for (var s = 0u; s < slopes; s++) {
    sum += table[column + UPDATE_K1 + s] * memory[state_at((2u + s) * params.dim + j, group)];
  }
  return sum;
}

// Four particles' noise in coordinate j, by the amplitude of the block at `column`.
fn noise(random: Random, column: u32, particles: vec4u, j: u32) -> vec4f {
  let amplitude = table[column + UPDATE_NOISE];
  var xi = vec4f(0.0);
  if (amplitude != 0.0) {
    for (var i = 0u; i < GROUP; i++) {
      xi[i] = random_normal(random, wide_element(clock[CLOCK_PARTICLE], params.dim, particles[i] * params.dim + j));
    }
  }
  return amplitude * xi;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let group = local_index / LANES;
  let lane = local_index % LANES;
  let tile_start = params.first + workgroup_index(workgroup_id) * TILE;
  let end = params.first + params.n;
  let own = tile_start + GROUP * group + vec4u(0u, 1u, 2u, 3u);
  // Past the last particle, the last one again: computed, never written.
  let particles = min(own, vec4u(end - 1u));
  let input_at = label_length();
  let block_at = input_at + layer_length(input_width(), params.hidden);
  let block_length = 2u * layer_length(params.hidden, params.inner) + layer_length(params.inner, params.hidden);
  let output_at = block_at + params.blocks * block_length;
  let output_bias = output_at + aligned(params.hidden * params.dim);
  // One lane of every group for each coordinate.
  for (var j = lane; j < params.dim; j += LANES) {
    let y = vec4f(
      x[particles.x * params.dim + j],
      x[particles.y * params.dim + j],
      x[particles.z * params.dim + j],
      x[particles.w * params.dim + j],
    );
    memory[state_at(j, group)] = y;
  }
  for (var step = 0u; step < params.steps; step++) {
    let row = (clock[CLOCK_ROW] + step) * params.stride;
    let random = Random(vec2u(params.seedLow, params.seedHigh), params.stream, clock[CLOCK_STEP] + step);
    for (var stage = 0u; stage < params.stages; stage++) {
      let column = row + params.stages + stage * UPDATE_COLUMNS;
      for (var j = lane; j < params.dim; j += LANES) {
        memory[state_at(params.dim + j, group)] = combine(UPDATE_X, column, stage, j, group)
          + noise(random, column, particles, j);
      }
      workgroupBarrier();
      let labelled = ((params.unlabelled >> stage) & 1u) == 0u;
      write_input(table[row + stage], particles, labelled, local_index);
      workgroupBarrier();
      wide_to_residual(input_at, input_width(), false, local_index);
      workgroupBarrier();
      for (var b = 0u; b < params.blocks; b++) {
        let at = block_at + b * block_length;
        residual_to_wide(at, at + layer_length(params.hidden, params.inner), local_index);
        workgroupBarrier();
        wide_to_residual(at + 2u * layer_length(params.hidden, params.inner), params.inner, true, local_index);
        workgroupBarrier();
      }
      write_output_parts(output_at, local_index);
      workgroupBarrier();
      for (var j = lane; j < params.dim; j += LANES) {
        var slope = vec4f(weights[output_bias + j]);
        for (var part = 0u; part < output_parts(); part++) {
          slope += memory[wide_at(part * params.dim + j, group)];
        }
        memory[state_at((2u + stage) * params.dim + j, group)] = slope;
      }
    }
    // A lane reads no coordinates but those that it has written.
    let column = row + params.stages + params.stages * UPDATE_COLUMNS;
    for (var j = lane; j < params.dim; j += LANES) {
      memory[state_at(j, group)] = combine(UPDATE_Y, column, params.stages, j, group)
        + noise(random, column, particles, j);
    }
  }
  for (var j = lane; j < params.dim; j += LANES) {
    let y = memory[state_at(j, group)];
    for (var i = 0u; i < GROUP; i++) {
      let particle = own[i];
      if (particle < end) {
        x[particle * params.dim + j] = y[i];
      }
    }
  }
}
