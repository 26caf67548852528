// reduce_sum by one invocation a chunk, in the same order: for software adapters, where a barrier costs more than the
// additions that it shares out.
// @include common/reduce_sum.wgsl

// Every COMBS-th number of a chunk from `first` on.
fn comb_sum(first: u32, end: u32) -> f32 {
  var sum = 0.0;
  for (var i = first; i < end; i += COMBS) {
    let value = x[i];
    sum += select(value, value * value, params.power == 2u);
  }
  return sum;
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let chunk = workgroup_index(workgroup_id) * WORKGROUP_SIZE + local_index;
  let begin = min(params.n, chunk * params.chunk);
  let end = min(params.n, begin + params.chunk);
  if (begin >= end) {
    return;
  }
  var sum = 0.0;
  for (var group = 0u; group < COMBS; group += GROUP) {
    var part = comb_sum(begin + group, end);
    for (var i = 1u; i < GROUP; i++) {
      part += comb_sum(begin + group + i, end);
    }
    sum += part;
  }
  var at = chunk;
  if (params.history != 0u) {
    at = clock[CLOCK_ROW];
  }
  out[at] = sum;
}
