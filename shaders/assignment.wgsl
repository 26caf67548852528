// pair = argmin over permutations of Σ_j ⌊2^k cost[j, pair[j]]⌋, step by step as src/transport/assignment.ts.
// One workgroup does all of it: column j belongs to invocation j mod WORKGROUP_SIZE, the first invocation decides.
// A power of two.
override WORKGROUP_SIZE: u32 = 128u;

struct Params {
  n: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> cost: array<f32>;
@group(0) @binding(2) var<storage, read_write> pair: array<u32>;
// [5, n]: row_of, price, distance, from_row, settled; whole numbers, some with a sign.
@group(0) @binding(3) var<storage, read_write> state: array<u32>;

const FORBIDDEN_COST = 1e30;
const NO_EDGE = 2147483647;
const NONE = 0xffffffffu;
const BIDS_A_ROW = 64u;
// ε of the auction's rounds: 2^23, 2^21, 2^19, 2^17.
const FIRST_EPSILON_BITS = 23u;
const LAST_EPSILON_BITS = 17u;

const ROW_OF = 0u;
const PRICE = 1u;
const DISTANCE = 2u;
const FROM_ROW = 3u;
const SETTLED = 4u;

var<private> scale: f32 = 1.0;

// What every invocation found in its own columns: the least value, where, and the second least.
var<workgroup> least: array<i32, WORKGROUP_SIZE>;
var<workgroup> place: array<u32, WORKGROUP_SIZE>;
var<workgroup> second: array<i32, WORKGROUP_SIZE>;
// What the first invocation tells the others.
var<workgroup> told: vec4u;

fn at(what: u32, j: u32) -> u32 {
  return what * params.n + j;
}

fn whole(row: u32, column: u32) -> i32 {
  let c = cost[row * params.n + column];
  var q = NO_EDGE;
  if (c < FORBIDDEN_COST) {
    q = i32(c * scale);
  }
  return q;
}

fn reduced(row: u32, column: u32) -> i32 {
  let q = whole(row, column);
  return select(q - bitcast<i32>(state[at(PRICE, column)]), NO_EDGE, q == NO_EDGE);
}

// 2^k such that `largest` times it is in [2²⁶, 2²⁷).
fn cost_scale(largest: u32) -> f32 {
  let exponent = min(26 - (i32(largest >> 23u) - 127), 126);
  return select(bitcast<f32>(u32(exponent + 127) << 23u), 1.0, largest == 0u);
}

// Joins what two invocations found; the lower column wins a tie.
fn join(mine: u32, other: u32) {
  let a = least[mine];
  let b = least[other];
  let second_of_both = min(max(a, b), min(second[mine], second[other]));
  if (b < a || (b == a && place[other] < place[mine])) {
    least[mine] = b;
    place[mine] = place[other];
  }
  second[mine] = second_of_both;
}

// The cheapest column of a row into least[0] and place[0], the second cheapest price into second[0].
fn scan(row: u32, local_index: u32) {
  var value_1 = NO_EDGE;
  var value_2 = NO_EDGE;
  var best = 0u;
  for (var j = local_index; j < params.n; j += WORKGROUP_SIZE) {
    let value = reduced(row, j);
    if (value < value_1) {
      value_2 = value_1;
      value_1 = value;
      best = j;
    } else {
      value_2 = min(value_2, value);
    }
  }
  least[local_index] = value_1;
  second[local_index] = value_2;
  place[local_index] = best;
  join_all(local_index);
}

fn join_all(local_index: u32) {
  workgroupBarrier();
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half /= 2u) {
    if (local_index < half) {
      join(local_index, local_index + half);
    }
    workgroupBarrier();
  }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn main(@builtin(local_invocation_index) local_index: u32) {
  let n = params.n;

  // The largest cost there is, by its bits: floats that are not negative are ordered as these are.
  var largest = 0u;
  for (var i = local_index; i < n * n; i += WORKGROUP_SIZE) {
    let c = cost[i];
    if (c > 0.0 && c < FORBIDDEN_COST) {
      largest = max(largest, bitcast<u32>(c));
    }
  }
  place[local_index] = largest;
  workgroupBarrier();
  for (var half = WORKGROUP_SIZE / 2u; half > 0u; half /= 2u) {
    if (local_index < half) {
      place[local_index] = max(place[local_index], place[local_index + half]);
    }
    workgroupBarrier();
  }
  scale = cost_scale(place[0]);
  workgroupBarrier();

  for (var j = local_index; j < n; j += WORKGROUP_SIZE) {
    state[at(PRICE, j)] = 0u;
  }

  // The auction.
  var bids = 0u;
  for (var bits = FIRST_EPSILON_BITS; bits >= LAST_EPSILON_BITS; bits -= 2u) {
    for (var j = local_index; j < n; j += WORKGROUP_SIZE) {
      state[at(ROW_OF, j)] = NONE;
      pair[j] = NONE;
    }
    storageBarrier();
    for (var first = 0u; first < n; first++) {
      if (local_index == 0u) {
        told = vec4u(select(NONE, first, pair[first] == NONE), 0u, 0u, 0u);
      }
      var row = workgroupUniformLoad(&told).x;
      while (row != NONE && bids < BIDS_A_ROW * n) {
        bids++;
        scan(row, local_index);
        if (local_index == 0u) {
          let column = place[0];
          let owner = state[at(ROW_OF, column)];
          told.x = NONE;
          if (least[0] != NO_EDGE) {
            let margin = select(second[0] - least[0], 0, second[0] == NO_EDGE) + (1 << bits);
            state[at(PRICE, column)] = bitcast<u32>(bitcast<i32>(state[at(PRICE, column)]) - margin);
            state[at(ROW_OF, column)] = row;
            pair[row] = column;
            if (owner != NONE) {
              pair[owner] = NONE;
            }
            told.x = owner;
          }
        }
        storageBarrier();
        row = workgroupUniformLoad(&told).x;
      }
    }
  }

  // What is exactly right at these prices stays.
  for (var j = local_index; j < n; j += WORKGROUP_SIZE) {
    state[at(ROW_OF, j)] = NONE;
  }
  storageBarrier();
  for (var i = 0u; i < n; i++) {
    scan(i, local_index);
    if (local_index == 0u) {
      let own = pair[i];
      var column = place[0];
      if (own != NONE) {
        column = select(column, own, reduced(i, own) == least[0]);
      }
      let taken = least[0] != NO_EDGE && state[at(ROW_OF, column)] == NONE;
      pair[i] = select(NONE, column, taken);
      if (taken) {
        state[at(ROW_OF, column)] = i;
      }
    }
    // The first invocation has read what the next scan overwrites.
    workgroupBarrier();
  }
  storageBarrier();

  // A shortest augmenting path for every row that is still free.
  for (var free = 0u; free < n; free++) {
    if (local_index == 0u) {
      told = vec4u(pair[free], 0u, 0u, 0u);
    }
    if (workgroupUniformLoad(&told).x != NONE) {
      continue;
    }
    var value_1 = NO_EDGE;
    var nearest = NONE;
    for (var j = local_index; j < n; j += WORKGROUP_SIZE) {
      let value = reduced(free, j);
      state[at(DISTANCE, j)] = bitcast<u32>(value);
      state[at(FROM_ROW, j)] = free;
      state[at(SETTLED, j)] = 0u;
      if (value < value_1) {
        value_1 = value;
        nearest = j;
      }
    }
    var minimum = 0;
    var end = NONE;
    // A column is settled a round, so that this ends, whatever the costs are.
    for (var round = 0u; round < n && end == NONE; round++) {
      least[local_index] = value_1;
      place[local_index] = nearest;
      join_all(local_index);
      if (local_index == 0u) {
        if (least[0] == NO_EDGE) {
          // No column can be reached: any free one will have to do.
          var column = 0u;
          while (column + 1u < n && state[at(ROW_OF, column)] != NONE) {
            column++;
          }
          state[at(FROM_ROW, column)] = free;
          told = vec4u(column, NONE, 0u, 0u);
        } else {
          told = vec4u(place[0], state[at(ROW_OF, place[0])], bitcast<u32>(least[0]), 1u);
        }
      }
      let next = workgroupUniformLoad(&told);
      if (next.w == 0u) {
        end = next.x;
        break;
      }
      minimum = bitcast<i32>(next.z);
      if (next.x % WORKGROUP_SIZE == local_index) {
        state[at(SETTLED, next.x)] = 1u;
      }
      if (next.y == NONE) {
        end = next.x;
        break;
      }
      let offset = reduced(next.y, next.x) - minimum;
      value_1 = NO_EDGE;
      nearest = NONE;
      for (var j = local_index; j < n; j += WORKGROUP_SIZE) {
        if (state[at(SETTLED, j)] == 0u) {
          var distance = bitcast<i32>(state[at(DISTANCE, j)]);
          let value = reduced(next.y, j);
          if (value != NO_EDGE && value - offset < distance) {
            distance = value - offset;
            state[at(DISTANCE, j)] = bitcast<u32>(distance);
            state[at(FROM_ROW, j)] = next.y;
          }
          if (distance < value_1) {
            value_1 = distance;
            nearest = j;
          }
        }
      }
    }
    storageBarrier();
    for (var j = local_index; j < n; j += WORKGROUP_SIZE) {
      if (state[at(SETTLED, j)] != 0u) {
        let price = bitcast<i32>(state[at(PRICE, j)]) + bitcast<i32>(state[at(DISTANCE, j)]) - minimum;
        state[at(PRICE, j)] = bitcast<u32>(price);
      }
    }
    if (local_index == 0u) {
      var row = NONE;
      var j = end;
      for (var step = 0u; step < n && row != free; step++) {
        row = state[at(FROM_ROW, j)];
        state[at(ROW_OF, j)] = row;
        let before = pair[row];
        pair[row] = j;
        j = before;
      }
    }
    storageBarrier();
  }
}
