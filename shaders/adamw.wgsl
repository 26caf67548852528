// g ← g·min(1, clip/√norm²);  m ← β1 m + (1−β1) g;  v ← β2 v + (1−β2) g²;
// p ← p(1 − lr·wd) − lr·(m/c1)/(√(v/c2) + eps)
// @include common/clock.wgsl
// @include common/elements.wgsl
// @include common/schedule.wgsl

struct Params {
  n: u32,
  beta1: f32,
  beta2: f32,
  eps: f32,
  weightDecay: f32,
  clip: f32,
  // 1 − β, rounded once, on the host: 1 − f32(0.999) is off by 5e-5 of itself.
  rest1: f32,
  rest2: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> clock: array<u32>;
@group(0) @binding(2) var<storage, read> schedule: array<f32>;
@group(0) @binding(3) var<storage, read> normSquared: array<f32>;
@group(0) @binding(4) var<storage, read> gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> parameter: array<f32>;
@group(0) @binding(6) var<storage, read_write> m: array<f32>;
@group(0) @binding(7) var<storage, read_write> v: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.n) {
    return;
  }
  let row = clock[CLOCK_ROW] * SCHEDULE_COLUMNS;
  let rate = schedule[row + SCHEDULE_LEARNING_RATE];
  let norm = sqrt(normSquared[0]);
  var clipping = 1.0;
  if (params.clip > 0.0 && norm > params.clip) {
    clipping = params.clip / norm;
  }
  let g = gradient[i] * clipping;
  let first = params.beta1 * m[i] + params.rest1 * g;
  let second = params.beta2 * v[i] + params.rest2 * g * g;
  m[i] = first;
  v[i] = second;
  let corrected1 = first / schedule[row + SCHEDULE_CORRECTION_1];
  let corrected2 = second / schedule[row + SCHEDULE_CORRECTION_2];
  parameter[i] = parameter[i] * (1.0 - rate * params.weightDecay)
    - rate * (corrected1 / (sqrt(corrected2) + params.eps));
}
