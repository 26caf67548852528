/**
 * n labels in given proportions, spread evenly by the golden ratio: no class is over- or undersampled by luck.
 * The same n and counts give the same labels, on the command line and on every page.
 * @param counts how often each label is wanted, at least 0 and not all 0; only their ratios matter
 */
export function spreadLabels(n: number, counts: readonly number[]): Uint32Array {
  const total = counts.reduce((a, b) => a + b, 0);
  const golden = (Math.sqrt(5) - 1) / 2;
  return Uint32Array.from({ length: n }, (_, i) => {
    let rest = ((i + 0.5) * golden) % 1;
    for (let label = 0; label < counts.length; label++) {
      rest -= counts[label] / total;
      if (rest < 0) return label;
    }
    // Rounding alone leads here: a label that nobody wants must not be its price.
    return counts.findLastIndex((count) => count > 0);
  });
}
