/** Losses that start the backward pass by themselves. */
import { regressionLoss } from '../../backend/contracts/loss.js';
import type { DeviceArray } from '../../backend/kernel.js';
import type { Tape, Tensor } from '../tape.js';

/**
 * scale·Σ_b w_b‖prediction_b − target_b‖²: returns the rows' losses, [rows], and starts the backward pass from
 * `prediction`.
 */
export function squaredError(
  tape: Tape,
  prediction: Tensor,
  target: DeviceArray,
  scale: number,
  weight?: DeviceArray,
): DeviceArray {
  const rowLoss = tape.trace.temporary(prediction.rows, 'row losses');
  const gradient = tape.trace.temporary(
    prediction.rows * prediction.cols,
    `gradient of ${prediction.data.label}`,
  );
  tape.trace.call(
    regressionLoss,
    { prediction: prediction.data, target, weight: weight ?? target, rowLoss, gradient },
    { batch: prediction.rows, dim: prediction.cols, scale, weighted: weight ? 1 : 0 },
  );
  tape.adoptGradient(prediction, gradient);
  return rowLoss;
}
