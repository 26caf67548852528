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

// Where place k of 0 … n − 1 goes, in the permutation that the generator's words choose.
fn permuted(random: Random, k: u32, n: u32) -> u32 {
  if (n == 1u) {
    return 0u;
  }
  let bits = half_bits(n);
  let words = random_block(random, vec2u(0u));
  let mask = (1u << bits) - 1u;
  var at = k;
  loop {
    var left = at >> bits;
    var right = at & mask;
    for (var i = 0u; i < 4u; i++) {
      let next = left ^ feistel_round(right, words[i], bits);
      left = right;
      right = next;
    }
    at = (left << bits) | right;
    if (at < n) {
      break;
    }
  }
  return at;
}
