// Permutations that nothing has to shuffle, word for word as in src/random/permutation.ts.
// @include common/random.wgsl

// The bits of a Feistel half: the least h with 4^h ≥ n.
fn half_bits(n: u32) -> u32 {
  return (33u - countLeadingZeros(n - 1u)) / 2u;
}

fn feistel_round(half: u32, word: u32, bits: u32) -> u32 {
  var x = (half ^ word) * 0x9e3779b1u;
  x = (x ^ (x >> 15u)) * 0x85ebca77u;
  return x >> (32u - bits);
}

// Of the network; the word behind them, the last of its block, decides about the last exchange.
const PERMUTATION_ROUNDS = 23u;

// Where place k of 0 … n − 1 goes, in the permutation that the generator's words choose.
fn permuted(random: Random, k: u32, n: u32) -> u32 {
  if (n == 1u) {
    return 0u;
  }
  let bits = half_bits(n);
  let mask = (1u << bits) - 1u;
  var at = k;
  var exchange = 0u;
  loop {
    var left = at >> bits;
    var right = at & mask;
    // A block of words at a time, drawn anew on every walk: an array of all would lie in slower memory.
    for (var first = 0u; first < PERMUTATION_ROUNDS; first += 4u) {
      let words = random_block(random, vec2u(first, 0u));
      for (var i = 0u; i < min(4u, PERMUTATION_ROUNDS - first); i++) {
        let next = left ^ feistel_round(right, words[i], bits);
        left = right;
        right = next;
      }
      exchange = words.w >> 31u;
    }
    at = (left << bits) | right;
    if (at < n) {
      break;
    }
  }
  return select(at, at ^ exchange, at < 2u);
}

// The quotient's lower word and the remainder of (high, low) by n ≤ 2³¹: WGSL has no wide division.
fn divide_wide(high: u32, low: u32, n: u32) -> vec2u {
  var remainder = high % n;
  var quotient = 0u;
  for (var i = 0u; i < 32u; i++) {
    remainder = (remainder << 1u) | ((low >> (31u - i)) & 1u);
    let fits = remainder >= n;
    quotient = (quotient << 1u) | select(0u, 1u, fits);
    remainder -= select(0u, n, fits);
  }
  return vec2u(quotient, remainder);
}
