// σ(g) = 1/(1 + e^−g) without overflow: e^−|g| is at most 1, and (1 − σ)(g) = σ(−g) loses no digits.
fn sigmoid(g: f32) -> f32 {
  let e = exp(-abs(g));
  return select(e, 1.0, g >= 0.0) / (1.0 + e);
}
