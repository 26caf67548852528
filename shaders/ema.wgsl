// average ← decay·average + (1 − decay)·parameter, decay from the schedule
// @include common/clock.wgsl
// @include common/elements.wgsl
// @include common/schedule.wgsl

struct Params {
  n: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> clock: array<u32>;
@group(0) @binding(2) var<storage, read> schedule: array<f32>;
@group(0) @binding(3) var<storage, read> parameter: array<f32>;
@group(0) @binding(4) var<storage, read_write> average: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let i = element_index(workgroup_id, local_index);
  if (i >= params.n) {
    return;
  }
  let decay = schedule[clock[CLOCK_ROW] * SCHEDULE_COLUMNS + SCHEDULE_EMA_DECAY];
  average[i] = decay * average[i] + (1.0 - decay) * parameter[i];
}
