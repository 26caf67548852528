import { badInput } from '../../errors.js';

export interface ExcessLoss {
  value: number;
  /** Of the mean over rows; 0 for a single row. */
  standardError: number;
  n: number;
}

/**
 * ½ E|b̂ − b|², the loss of a predicted field above that of the oracle: unlike the raw loss its least value is 0
 * and means perfection (with L = E[½|b̂|² − target·b̂], L(b̂) − L(b) is exactly this).
 * Source: Albergo, Boffi & Vanden-Eijnden, 2303.08797.
 * @param predicted [n, d]
 * @param oracle [n, d] the exact field at the same points and times
 * @throws bad-input where shapes disagree or a prediction is not a finite number
 */
export function excessLoss(predicted: ArrayLike<number>, oracle: Float64Array, dim: number): ExcessLoss {
  const n = oracle.length / dim;
  if (predicted.length !== oracle.length || !Number.isInteger(n) || n < 1)
    badInput(
      `predicted and exact fields disagree: ${predicted.length} and ${oracle.length} numbers in ${dim}-D`,
    );
  let mean = 0;
  let spread = 0;
  for (let row = 0; row < n; row++) {
    let loss = 0;
    for (let i = row * dim; i < (row + 1) * dim; i++) loss += 0.5 * (predicted[i] - oracle[i]) ** 2;
    if (!Number.isFinite(loss)) badInput(`the predicted or the exact field is not finite in row ${row + 1}`);
    // Welford's update, which keeps its digits where the mean is large beside the spread.
    const delta = loss - mean;
    mean += delta / (row + 1);
    spread += delta * (loss - mean);
  }
  return { value: mean, standardError: n > 1 ? Math.sqrt(spread / (n - 1) / n) : 0, n };
}
