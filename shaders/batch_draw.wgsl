// draw[b] = (data row, base, cell), t = table[cell].time, weight[h, b] = table[cell].weight_h
// @include common/clock.wgsl
// @include common/elements.wgsl
// @include common/permutation.wgsl
// @include common/time_table.wgsl

struct Params {
  seedLow: u32,
  seedHigh: u32,
  batch: u32,
  rows: u32,
  sourceRows: u32,
  cells: u32,
  timeSampling: u32,
  antithetic: u32,
  epochs: u32,
  pairing: u32,
  classes: u32,
  labelDropout: f32,
  heads: u32,
  weightStride: u32,
  // The labels are dropped where the bits of the draw are below this, and all of them with probability 1.
  dropBelow: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> clock: array<u32>;
@group(0) @binding(2) var<storage, read> label: array<u32>;
@group(0) @binding(3) var<storage, read> table: array<f32>;
@group(0) @binding(4) var<storage, read_write> draw: array<u32>;
@group(0) @binding(5) var<storage, read_write> drawnLabel: array<u32>;
@group(0) @binding(6) var<storage, read_write> t: array<f32>;
@group(0) @binding(7) var<storage, read_write> weight: array<f32>;

// As in src/random/random.ts.
const STREAM_BATCH_INDEX = 3u;
const STREAM_TIME = 4u;
const STREAM_BASE = 5u;
const STREAM_LABEL_DROPOUT = 7u;
// As in src/backend/contracts/draw.ts.
const TIME_UNIFORM = 0u;
const TIME_LOW_DISCREPANCY = 2u;
const PAIRING_PAIRED = 1u;

fn stream(id: u32, step: u32) -> Random {
  return Random(vec2u(params.seedLow, params.seedHigh), id, step);
}

fn draws() -> u32 {
  return select(params.batch, params.batch / 2u, params.antithetic != 0u);
}

// One of n rows for draw k.
fn row_of(id: u32, k: u32, n: u32) -> u32 {
  let step = clock[CLOCK_STEP];
  if (params.epochs == 0u) {
    return random_integer(stream(id, step), k, n);
  }
  // Draws are counted through all steps; wide_element gives step·draws + k in two words.
  let count = wide_element(step, draws(), k);
  let turn = divide_wide(count.y, count.x, n);
  return permuted(stream(id, turn.x), turn.y, n);
}

fn cell_of(k: u32) -> u32 {
  let own = select(k, 0u, params.timeSampling == TIME_LOW_DISCREPANCY);
  let within = mul_high(random_bits(stream(STREAM_TIME, clock[CLOCK_STEP]), own), params.cells);
  if (params.timeSampling == TIME_UNIFORM) {
    return within;
  }
  return (k * params.cells + within) / draws();
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let b = element_index(workgroup_id, local_index);
  if (b >= params.batch) {
    return;
  }
  let k = select(b, b >> 1u, params.antithetic != 0u);
  let row = row_of(STREAM_BATCH_INDEX, k, params.rows);
  let cell = cell_of(k);
  var base = k;
  if (params.sourceRows != 0u) {
    base = params.rows + row;
    if (params.pairing != PAIRING_PAIRED) {
      base = params.rows + row_of(STREAM_BASE, k, params.sourceRows);
    }
  }
  draw[DRAW_COLUMNS * b + DRAW_ROW] = row;
  draw[DRAW_COLUMNS * b + DRAW_BASE] = base;
  draw[DRAW_COLUMNS * b + DRAW_CELL] = cell;
  var drawn = params.classes;
  let bits = random_bits(stream(STREAM_LABEL_DROPOUT, clock[CLOCK_STEP]), k);
  if (params.labelDropout < 1.0 && bits >= params.dropBelow) {
    drawn = label[row];
  }
  drawnLabel[b] = drawn;
  t[b] = table[cell * TIME_COLUMNS + TIME_TABLE_TIME];
  for (var h = 0u; h < params.heads; h++) {
    weight[h * params.weightStride + b] = table[cell * TIME_COLUMNS + TIME_TABLE_WEIGHT + h];
  }
}
