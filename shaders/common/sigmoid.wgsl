// σ(g) = 1/(1 + e^−g) without overflow: e^−|g| is at most 1, and (1 − σ)(g) = σ(−g) loses no digits.
fn sigmoid(g: f32) -> f32 {
  let e = exp(-abs(g));
  return select(e, 1.0, g >= 0.0) / (1.0 + e);
}

// The root of q(g) = 1 + g·σ(−g), as a float32 and what is missing from it.
const SILU_SLOPE_ROOT = -1.2784645557403564;
const SILU_SLOPE_ROOT_REST = 1.2979282537628478e-8;

// q(g) = 1 + g·σ(−g), where silu′ = σ·q. Near its root the sum would cancel to nothing but rounding; there it is
// d·p(d) with d = g − root, p a polynomial of relative error 1.5e-9 for |d| ≤ 1/4.
fn silu_slope_factor(g: f32) -> f32 {
  let d = (g - SILU_SLOPE_ROOT) - SILU_SLOPE_ROOT_REST;
  let p = 1.0 + d * (-0.108905852 + d * (-0.0488828868 + d * (-0.00471836375 + d * (0.00304269535 + d * 0.00109021703))));
  return select(1.0 + g * sigmoid(-g), d * p, abs(d) <= 0.25);
}
