// For kernels with one invocation an element: which element this is. The last ones may lie past the end.
// @include common/dispatch.wgsl
override WORKGROUP_SIZE: u32 = 64u;

fn element_index(workgroup_id: vec3u, local_index: u32) -> u32 {
  return workgroup_index(workgroup_id) * WORKGROUP_SIZE + local_index;
}
