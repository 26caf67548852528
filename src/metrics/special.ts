/** Functions of statistics that JavaScript lacks: quantiles, ln Γ and the mean length of a Gaussian vector. */

/** ln Γ(x) for x > 0, by Stirling's series above 10 and the recurrence below; relative error under 1e-14. */
export function logGamma(x: number): number {
  let [shifted, product] = [x, 1];
  for (; shifted < 10; shifted++) product *= shifted;
  const [inverse, square] = [1 / shifted, 1 / (shifted * shifted)];
  const series =
    inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))));
  return (
    (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product)
  );
}

/** P(Z > z) of a standard normal, by the series of its integral in the middle and Lentz's fraction in the tails. */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let [term, sum] = [z, z];
    for (let k = 3; Math.abs(term) > 1e-17 * sum; k += 2) {
      term *= (z * z) / k;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / (z + fraction);
  return density / (z + fraction);
}

/** The z that a standard normal exceeds with probability `tail` in (0, 1): bisection, then Newton's steps. */
export function normalQuantile(tail: number): number {
  let [low, high] = [-40, 40];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalTail(middle) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * What Student's t with ν degrees of freedom exceeds with probability `tail`: the expansion in 1/ν of Fisher and
 * Cornish (Abramowitz & Stegun 26.7.5), to 1 % from ν = 5 and tail = 0.002 on.
 */
export function studentQuantile(tail: number, freedom: number): number {
  const z = normalQuantile(tail);
  const q = z * z;
  const terms = [
    (z * (q + 1)) / 4,
    (z * ((5 * q + 16) * q + 3)) / 96,
    (z * (((3 * q + 19) * q + 17) * q - 15)) / 384,
    (z * ((((79 * q + 776) * q + 1482) * q - 1920) * q - 945)) / 92160,
  ];
  return terms.reduce((sum, term, k) => sum + term / freedom ** (k + 1), z);
}

/**
 * E‖N(μ, I_d)‖ at |μ| = a: the noncentral chi as a Poisson mixture of central ones, Σ_j Pois(j; a²/2) E χ_{d+2j}, of
 * which every term is positive. Its derivative in a is a (m_{d+2}(a) − m_d(a)).
 * Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 2, ch. 29.
 */
export function meanLength(a: number, dim: number): number {
  const rate = 0.5 * a * a;
  const chi = (freedom: number) => Math.SQRT2 * Math.exp(logGamma((freedom + 1) / 2) - logGamma(freedom / 2));
  // Twelve standard deviations of the Poisson law to both sides of its mode, by ratios of neighbouring terms.
  const spread = 12 * Math.sqrt(rate + 1) + 12;
  const first = Math.max(0, Math.floor(rate - spread));
  let weight = Math.exp(-rate + first * Math.log(rate || 1) - logGamma(first + 1));
  let length = chi(dim + 2 * first);
  let sum = 0;
  for (let j = first; j <= rate + spread; j++) {
    sum += weight * length;
    weight *= rate / (j + 1);
    length *= (dim + 2 * j + 1) / (dim + 2 * j);
  }
  return sum;
}
