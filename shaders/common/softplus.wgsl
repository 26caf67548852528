// @include common/artanh.wgsl

// ln(1 + e) for 0 ≤ e ≤ 1: where 1 + e would round e's digits away, as 2·artanh(e/(2 + e)).
fn log_1p(e: f32) -> f32 {
  return select(log(1.0 + e), twice_artanh(e / (2.0 + e)), e <= 0.4);
}

// ln(1 + e^x) without overflow.
fn softplus(x: f32) -> f32 {
  return max(x, 0.0) + log_1p(exp(-abs(x)));
}

// tanh x = ±(1 − e)/(1 + e), e = e^−2|x|; near 0, where 1 − e keeps few digits, by its series.
fn tanh_exact(x: f32) -> f32 {
  let e = exp(-2.0 * abs(x));
  let q = x * x;
  let series = x * (1.0 + q * (-1.0 / 3.0 + q * (2.0 / 15.0 + q * (-17.0 / 315.0 + q * (62.0 / 2835.0)))));
  return select(sign(x) * (1.0 - e) / (1.0 + e), series, abs(x) < 0.25);
}
