// linear_swiglu with every sum in registers, numbers read one at a time, so that every size will do: an invocation
// makes four neighbouring columns of four rows.
// @include common/linear_swiglu.wgsl

override WORKGROUP_X: u32 = 8u;
override WORKGROUP_Y: u32 = 8u;

alias Element = f32;
const ELEMENT = 1u;

// Past the last row or column it is that one again, and not kept.
@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_id) local_id: vec3u) {
  let tile = workgroup_index(workgroup_id);
  let tiles_across = (columns() + 4u * WORKGROUP_X - 1u) / (4u * WORKGROUP_X);
  let first_m = (tile / tiles_across * WORKGROUP_Y + local_id.y) * 4u;
  let first_n = (tile % tiles_across * WORKGROUP_X + local_id.x) * 4u;
  if (first_m >= rows() || first_n >= columns()) {
    return;
  }
  let m = min(first_m + vec4u(0u, 1u, 2u, 3u), vec4u(rows() - 1u));
  let n = min(first_n + vec4u(0u, 1u, 2u, 3u), vec4u(columns() - 1u));
  let row = m * a_at(1u, 0u);
  let column = n * b_at(1u, 0u);
  var gates = mat4x4f();
  var ups = mat4x4f();
  for (var k = 0u; k < params.inputs; k++) {
    let at = column + k;
    let gate = vec4f(load_b(at.x), load_b(at.y), load_b(at.z), load_b(at.w));
    let up = vec4f(upWeight[at.x], upWeight[at.y], upWeight[at.z], upWeight[at.w]);
    let values = vec4f(load_a(row.x + k), load_a(row.y + k), load_a(row.z + k), load_a(row.w + k));
    gates = gates + mat4x4f(values.x * gate, values.y * gate, values.z * gate, values.w * gate);
    ups = ups + mat4x4f(values.x * up, values.y * up, values.z * up, values.w * up);
  }
  let gate_bias = vec4f(gateBias[n.x], gateBias[n.y], gateBias[n.z], gateBias[n.w]);
  let up_bias = vec4f(upBias[n.x], upBias[n.y], upBias[n.z], upBias[n.w]);
  for (var i = 0u; i < 4u; i++) {
    let values = gated(gates[i] + gate_bias, ups[i] + up_bias);
    for (var j = 0u; j < 4u; j++) {
      if (first_m + i < rows() && first_n + j < columns()) {
        a[(first_m + i) * params.outputs + first_n + j] = values[j];
      }
    }
  }
}
