// A workgroup's values added by a tree.

// A power of two.
override WORKGROUP_SIZE: u32 = 64u;

var<workgroup> parts: array<f32, WORKGROUP_SIZE>;

// The sum of all invocations' values, for each of them.
fn tree_sum(local_index: u32, value: f32) -> f32 {
  parts[local_index] = value;
  workgroupBarrier();
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half /= 2u) {
    if (local_index < half) {
      parts[local_index] += parts[local_index + half];
    }
    workgroupBarrier();
  }
  return parts[0];
}
