import type { FloatArray } from './reference.js';

/** 1/√(ε + Σ_i x_i²/width) of the row that begins at `from`. */
export function inverseRootMeanSquare(x: FloatArray, from: number, width: number, epsilon: number): number {
  let sum = 0;
  for (let i = from; i < from + width; i++) sum += x[i] * x[i];
  return 1 / Math.sqrt(epsilon + sum / width);
}
