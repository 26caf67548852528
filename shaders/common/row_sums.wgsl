// A row a workgroup, whose sums its invocations make together.
// @include common/dispatch.wgsl
// @include common/tree.wgsl

// The sum of all invocations' values; what the last sum has left is read by all before it is written over.
fn row_sum(local_index: u32, value: f32) -> f32 {
  workgroupBarrier();
  return tree_sum(local_index, value);
}
