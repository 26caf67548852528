// x_t = α x0 + β x1 + γ z;  velocity = α̇ x0 + β̇ x1 + γ̇ z;  noise = z (x0 where γ ≡ 0)
// @include common/clock.wgsl
// @include common/elements.wgsl
// @include common/random.wgsl

struct Params {
  seedLow: u32,
  seedHigh: u32,
  batch: u32,
  dim: u32,
  rows: u32,
  sourceRows: u32,
  path: u32,
  gamma: u32,
  gammaScale: f32,
  timeSampling: u32,
  timeMin: f32,
  timeMax: f32,
  antithetic: u32,
  classes: u32,
  labelDropout: f32,
  // timeMax − timeMin and 1 − timeMax, rounded once, on the host.
  timeRange: f32,
  timeRest: f32,
  // The labels are dropped where the upper 23 bits of the draw are below this.
  dropBelow: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> clock: array<u32>;
@group(0) @binding(2) var<storage, read> data: array<f32>;
@group(0) @binding(3) var<storage, read> label: array<u32>;
@group(0) @binding(4) var<storage, read_write> x: array<f32>;
@group(0) @binding(5) var<storage, read_write> t: array<f32>;
@group(0) @binding(6) var<storage, read_write> velocity: array<f32>;
@group(0) @binding(7) var<storage, read_write> noise: array<f32>;
@group(0) @binding(8) var<storage, read_write> drawnLabel: array<u32>;

// As in src/random/random.ts.
const STREAM_BATCH_INDEX = 3u;
const STREAM_TIME = 4u;
const STREAM_BASE = 5u;
const STREAM_LATENT = 6u;
const STREAM_LABEL_DROPOUT = 7u;
// As in src/backend/contracts/draw.ts.
const GAMMA_SQRT = 1u;
const TIME_STRATIFIED = 1u;

fn stream(id: u32) -> Random {
  return Random(vec2u(params.seedLow, params.seedHigh), id, clock[CLOCK_STEP]);
}

// t and 1 − t. The second is built from 1 − u, which is exact: 1 − t itself would lose the digits that γ and
// its derivative need where t is close to 1.
fn draw_time(draw: u32) -> vec2f {
  let u = uniform_from_bits(random_bits(stream(STREAM_TIME), draw));
  var fraction = vec2f(u, 1.0 - u);
  if (params.timeSampling == TIME_STRATIFIED) {
    let draws = select(params.batch, params.batch / 2u, params.antithetic != 0u);
    fraction = (vec2f(f32(draw), f32(draws - 1u - draw)) + fraction) / f32(draws);
  }
  return vec2f(params.timeMin, params.timeRest) + params.timeRange * fraction;
}

// One invocation a coordinate: it repeats its row's few integers instead of waiting for another to share them.
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let at = element_index(workgroup_id, local_index);
  let b = at / params.dim;
  let j = at % params.dim;
  if (b >= params.batch) {
    return;
  }
  // Both halves of an antithetic pair are the same draw but for the sign of z.
  let draw = select(b, b >> 1u, params.antithetic != 0u);
  let sign = select(1.0, -1.0, params.antithetic != 0u && (b & 1u) == 1u);
  let index = random_integer(stream(STREAM_BATCH_INDEX), draw, params.rows);
  let time = draw_time(draw);
  if (j == 0u) {
    t[b] = time.x;
    let bits = random_bits(stream(STREAM_LABEL_DROPOUT), draw);
    var drawn = params.classes;
    if ((bits >> 9u) >= params.dropBelow) {
      drawn = label[index];
    }
    drawnLabel[b] = drawn;
  }

  let element = wide_element(draw, params.dim, j);
  let x1 = data[index * params.dim + j];
  var x0 = 0.0;
  if (params.sourceRows != 0u) {
    let source = params.rows + random_integer(stream(STREAM_BASE), draw, params.sourceRows);
    x0 = data[source * params.dim + j];
  } else {
    x0 = random_normal(stream(STREAM_BASE), element);
  }
  var gamma = 0.0;
  var gamma_dot = 0.0;
  var z = 0.0;
  if (params.gamma == GAMMA_SQRT) {
    let root = sqrt(time.x * time.y);
    let scale = sqrt(params.gammaScale);
    gamma = scale * root;
    gamma_dot = scale * (time.y - time.x) / (2.0 * root);
    z = sign * random_normal(stream(STREAM_LATENT), element);
  }
  x[at] = time.y * x0 + time.x * x1 + gamma * z;
  velocity[at] = x1 - x0 + gamma_dot * z;
  noise[at] = select(z, x0, gamma == 0.0);
}
