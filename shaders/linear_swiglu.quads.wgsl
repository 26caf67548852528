// linear_swiglu with every sum in registers, and rows shared by quads of a subgroup and by both products: for software
// adapters, where loads are what counts. A quad holds 16×16 sums of either product, an invocation 16 rows of four
// columns.
// @include common/quad_tile.wgsl
// @include common/linear_swiglu.wgsl

override WORKGROUP_X: u32 = 8u;
override WORKGROUP_Y: u32 = 8u;
const COLUMNS4 = 1u;

// Four k of four of up's columns, as block_b has the gate's.
fn block_up(n4: u32, k: u32) -> mat4x4f {
  let n = min(4u * n4 + vec4u(0u, 1u, 2u, 3u), vec4u(columns() - 1u));
  let k4 = k / 4u;
  return transpose(mat4x4f(upWeight[b_at(n.x, k4)], upWeight[b_at(n.y, k4)], upWeight[b_at(n.z, k4)], upWeight[b_at(n.w, k4)]));
}

// The sums of four rows, a row a column of the matrices, in four columns.
fn finish_gated(first_m: u32, n4: u32, gates: mat4x4f, ups: mat4x4f) {
  if (4u * n4 >= columns()) {
    return;
  }
  let at = first_m * (params.outputs / 4u) + n4;
  let stride = params.outputs / 4u;
  let gate = gateBias[n4];
  let up = upBias[n4];
  // Branches cost a software adapter more than what they skip: one for four rows.
  if (first_m + 4u <= rows()) {
    a[at] = gated(gates[0] + gate, ups[0] + up);
    a[at + stride] = gated(gates[1] + gate, ups[1] + up);
    a[at + 2u * stride] = gated(gates[2] + gate, ups[2] + up);
    a[at + 3u * stride] = gated(gates[3] + gate, ups[3] + up);
  } else {
    for (var i = 0u; i < 4u; i++) {
      if (first_m + i < rows()) {
        a[at + i * stride] = gated(gates[i] + gate, ups[i] + up);
      }
    }
  }
}

@compute @workgroup_size(WORKGROUP_X, WORKGROUP_Y)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_id) local_id: vec3u) {
  let tile = workgroup_index(workgroup_id);
  let first_m4 = (tile / tiles_across() * WORKGROUP_Y + local_id.y) * 4u;
  let n4 = tile % tiles_across() * WORKGROUP_X + local_id.x;
  let own_m4 = first_m4 + local_id.x % 4u;
  // Of this invocation's columns, a row a column of the matrix: rows 0 … 3 of the quad, 4 … 7, 8 … 11, 12 … 15.
  var gate_0 = mat4x4f();
  var gate_1 = mat4x4f();
  var gate_2 = mat4x4f();
  var gate_3 = mat4x4f();
  var up_0 = mat4x4f();
  var up_1 = mat4x4f();
  var up_2 = mat4x4f();
  var up_3 = mat4x4f();
  for (var k = 0u; k < params.inputs; k += 4u) {
    let rows4 = block_a(own_m4, k);
    let gates = block_b(n4, k);
    let ups = block_up(n4, k);
    let row_00 = quadBroadcast(rows4[0], 0u);
    gate_0 = gate_0 + outer(row_00, gates[0]);
    up_0 = up_0 + outer(row_00, ups[0]);
    let row_01 = quadBroadcast(rows4[0], 1u);
    gate_1 = gate_1 + outer(row_01, gates[0]);
    up_1 = up_1 + outer(row_01, ups[0]);
    let row_02 = quadBroadcast(rows4[0], 2u);
    gate_2 = gate_2 + outer(row_02, gates[0]);
    up_2 = up_2 + outer(row_02, ups[0]);
    let row_03 = quadBroadcast(rows4[0], 3u);
    gate_3 = gate_3 + outer(row_03, gates[0]);
    up_3 = up_3 + outer(row_03, ups[0]);
    let row_10 = quadBroadcast(rows4[1], 0u);
    gate_0 = gate_0 + outer(row_10, gates[1]);
    up_0 = up_0 + outer(row_10, ups[1]);
    let row_11 = quadBroadcast(rows4[1], 1u);
    gate_1 = gate_1 + outer(row_11, gates[1]);
    up_1 = up_1 + outer(row_11, ups[1]);
    let row_12 = quadBroadcast(rows4[1], 2u);
    gate_2 = gate_2 + outer(row_12, gates[1]);
    up_2 = up_2 + outer(row_12, ups[1]);
    let row_13 = quadBroadcast(rows4[1], 3u);
    gate_3 = gate_3 + outer(row_13, gates[1]);
    up_3 = up_3 + outer(row_13, ups[1]);
    let row_20 = quadBroadcast(rows4[2], 0u);
    gate_0 = gate_0 + outer(row_20, gates[2]);
    up_0 = up_0 + outer(row_20, ups[2]);
    let row_21 = quadBroadcast(rows4[2], 1u);
    gate_1 = gate_1 + outer(row_21, gates[2]);
    up_1 = up_1 + outer(row_21, ups[2]);
    let row_22 = quadBroadcast(rows4[2], 2u);
    gate_2 = gate_2 + outer(row_22, gates[2]);
    up_2 = up_2 + outer(row_22, ups[2]);
    let row_23 = quadBroadcast(rows4[2], 3u);
    gate_3 = gate_3 + outer(row_23, gates[2]);
    up_3 = up_3 + outer(row_23, ups[2]);
    let row_30 = quadBroadcast(rows4[3], 0u);
    gate_0 = gate_0 + outer(row_30, gates[3]);
    up_0 = up_0 + outer(row_30, ups[3]);
    let row_31 = quadBroadcast(rows4[3], 1u);
    gate_1 = gate_1 + outer(row_31, gates[3]);
    up_1 = up_1 + outer(row_31, ups[3]);
    let row_32 = quadBroadcast(rows4[3], 2u);
    gate_2 = gate_2 + outer(row_32, gates[3]);
    up_2 = up_2 + outer(row_32, ups[3]);
    let row_33 = quadBroadcast(rows4[3], 3u);
    gate_3 = gate_3 + outer(row_33, gates[3]);
    up_3 = up_3 + outer(row_33, ups[3]);
  }
  finish_gated(4u * first_m4, n4, gate_0, up_0);
  finish_gated(4u * first_m4 + 4u, n4, gate_1, up_1);
  finish_gated(4u * first_m4 + 8u, n4, gate_2, up_2);
  finish_gated(4u * first_m4 + 12u, n4, gate_3, up_3);
}
