// 2·artanh(s) by its odd series, |s| ≤ 0.172.
fn twice_artanh(s: f32) -> f32 {
  let q = s * s;
  return 2.0 * s * (1.0 + q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0))))));
}
