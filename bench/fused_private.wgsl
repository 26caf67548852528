// The rival of shaders/fused_sampler.wgsl: one invocation a particle, activations in private arrays, weights read
// by all invocations at the same address. Sizes are constants of the text, since private arrays take no overrides.
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
@group(0) @binding(8) var<storage, read_write> weights: array<f32>;

const HIDDEN = 64u;
const INNER = 128u;
const WIDTH = 75u;
const DIM = 2u;

const UPDATE_Y = 0u;
const UPDATE_X = 1u;
const UPDATE_K1 = 2u;
const UPDATE_NOISE = 6u;
const UPDATE_COLUMNS = 7u;

// The first layer's input, then the inside of a block.
var<private> wide: array<f32, max(WIDTH, INNER)> = array<f32, max(WIDTH, INNER)>();
var<private> residual: array<f32, HIDDEN> = array<f32, HIDDEN>();
var<private> point: array<f32, DIM> = array<f32, DIM>();
var<private> slopes: array<f32, 4 * DIM> = array<f32, 4 * DIM>();

fn aligned(length: u32) -> u32 {
  return (length + 63u) / 64u * 64u;
}

fn layer_length(inputs: u32, outputs: u32) -> u32 {
  return aligned(inputs * outputs) + aligned(outputs);
}

// Four rows of W·residual + b.
fn rows_of_residual(at: u32, outputs: u32, o: u32) -> vec4f {
  let bias = at + aligned(HIDDEN * outputs) + o;
  var sum = vec4f(parameters[bias], parameters[bias + 1u], parameters[bias + 2u], parameters[bias + 3u]);
  let row = at + o * HIDDEN;
  for (var k = 0u; k < HIDDEN; k++) {
    sum += residual[k] * vec4f(
      parameters[row + k],
      parameters[row + HIDDEN + k],
      parameters[row + 2u * HIDDEN + k],
      parameters[row + 3u * HIDDEN + k],
    );
  }
  return sum;
}

fn rows_of_wide(at: u32, inputs: u32, o: u32) -> vec4f {
  let bias = at + aligned(inputs * HIDDEN) + o;
  var sum = vec4f(parameters[bias], parameters[bias + 1u], parameters[bias + 2u], parameters[bias + 3u]);
  let row = at + o * inputs;
  for (var k = 0u; k < inputs; k++) {
    sum += wide[k] * vec4f(
      parameters[row + k],
      parameters[row + inputs + k],
      parameters[row + 2u * inputs + k],
      parameters[row + 3u * inputs + k],
    );
  }
  return sum;
}

fn write_input(t: f32) {
  for (var j = 0u; j < DIM; j++) {
    wide[j] = point[j];
  }
  let frequencies = params.pointFrequencies;
  for (var k = 0u; k < frequencies; k++) {
    var turns = 0.0;
    for (var j = 0u; j < DIM; j++) {
      turns += product_turns(pointFrequency[k * DIM + j], point[j]);
    }
    let wave = sincos_turns(turns);
    wide[DIM + k] = wave.x;
    wide[DIM + frequencies + k] = wave.y;
  }
  let column = DIM + 2u * frequencies;
  wide[column] = t;
  for (var k = 0u; k < params.timeFrequencies; k++) {
    let wave = sincos_turns(product_turns(timeFrequency[k], t));
    wide[column + 1u + k] = wave.x;
    wide[column + 1u + params.timeFrequencies + k] = wave.y;
  }
}

fn network(stage: u32) {
  var at = 0u;
  for (var o = 0u; o < HIDDEN; o += 4u) {
    let y = rows_of_wide(at, WIDTH, o);
    residual[o] = y.x;
    residual[o + 1u] = y.y;
    residual[o + 2u] = y.z;
    residual[o + 3u] = y.w;
  }
  at += layer_length(WIDTH, HIDDEN);
  for (var b = 0u; b < params.blocks; b++) {
    for (var o = 0u; o < INNER; o += 4u) {
      let gate = rows_of_residual(at, INNER, o);
      let up = rows_of_residual(at + layer_length(HIDDEN, INNER), INNER, o);
      wide[o] = gate.x * sigmoid(gate.x) * up.x;
      wide[o + 1u] = gate.y * sigmoid(gate.y) * up.y;
      wide[o + 2u] = gate.z * sigmoid(gate.z) * up.z;
      wide[o + 3u] = gate.w * sigmoid(gate.w) * up.w;
    }
    at += 2u * layer_length(HIDDEN, INNER);
    for (var o = 0u; o < HIDDEN; o += 4u) {
      let y = rows_of_wide(at, INNER, o);
      residual[o] += y.x;
      residual[o + 1u] += y.y;
      residual[o + 2u] += y.z;
      residual[o + 3u] += y.w;
    }
    at += layer_length(INNER, HIDDEN);
  }
  for (var j = 0u; j < DIM; j++) {
    var sum = parameters[at + aligned(HIDDEN * DIM) + j];
    for (var k = 0u; k < HIDDEN; k++) {
      sum += parameters[at + j * HIDDEN + k] * residual[k];
    }
    slopes[stage * DIM + j] = sum;
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.n) {
    return;
  }
  let particle = params.first + i;
  for (var step = 0u; step < params.steps; step++) {
    let row = (clock[CLOCK_ROW] + step) * params.stride;
    for (var j = 0u; j < DIM; j++) {
      point[j] = x[particle * DIM + j];
    }
    for (var stage = 0u; stage < params.stages; stage++) {
      write_input(table[row + stage]);
      network(stage);
      let column = row + params.stages + stage * UPDATE_COLUMNS;
      let last = stage + 1u == params.stages;
      for (var j = 0u; j < DIM; j++) {
        var sum = table[column + select(UPDATE_X, UPDATE_Y, last)] * x[particle * DIM + j];
        for (var s = 0u; s <= stage; s++) {
          sum += table[column + UPDATE_K1 + s] * slopes[s * DIM + j];
        }
        let amplitude = table[column + UPDATE_NOISE];
        if (last && amplitude != 0.0) {
          let random = Random(vec2u(params.seedLow, params.seedHigh), params.stream, clock[CLOCK_STEP] + step);
          sum += amplitude * random_normal(random, wide_element(clock[CLOCK_PARTICLE], DIM, particle * DIM + j));
        }
        point[j] = sum;
      }
    }
    for (var j = 0u; j < DIM; j++) {
      x[particle * DIM + j] = point[j];
    }
  }
}
