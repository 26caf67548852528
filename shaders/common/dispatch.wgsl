// Which workgroup this is. A dimension of a dispatch holds at most 65 535 workgroups, so that a long dispatch
// is folded into rows; the host folds with the same constant.
override DISPATCH_ROW: u32 = 32768u;

fn workgroup_index(workgroup_id: vec3u) -> u32 {
  return workgroup_id.y * DISPATCH_ROW + workgroup_id.x;
}
