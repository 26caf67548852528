// reduce_sum by one workgroup a chunk: for cards.
// @include common/reduce_sum.wgsl

var<workgroup> sums: array<f32, COMBS>;

// Every invocation sums combs, every eighth comb then takes in the seven behind it, and the first all those. Two
// barriers instead of a tree's six, which cost more than the additions that they save.
@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) local_index: u32) {
  let chunk = workgroup_index(workgroup_id);
  let begin = min(params.n, chunk * params.chunk);
  let end = min(params.n, begin + params.chunk);
  for (var comb = local_index; comb < COMBS; comb += WORKGROUP_SIZE) {
    var sum = 0.0;
    for (var i = begin + comb; i < end; i += COMBS) {
      let value = x[i];
      sum += select(value, value * value, params.power == 2u);
    }
    sums[comb] = sum;
  }
  workgroupBarrier();
  for (var group = GROUP * local_index; group < COMBS; group += GROUP * WORKGROUP_SIZE) {
    var sum = sums[group];
    for (var i = 1u; i < GROUP; i++) {
      sum += sums[group + i];
    }
    sums[group] = sum;
  }
  workgroupBarrier();
  if (local_index == 0u && begin < end) {
    var sum = 0.0;
    for (var group = 0u; group < COMBS; group += GROUP) {
      sum += sums[group];
    }
    var at = chunk;
    if (params.history != 0u) {
      at = clock[CLOCK_ROW];
    }
    out[at] = sum;
  }
}
