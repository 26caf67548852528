/** Gaussians and their mixtures on the tape; in nats. */
import {
  gaussianLogDensityBackward,
  gaussianLogDensity as gaussianLogDensityKernel,
  gaussianSampleBackward,
  gaussianSample as gaussianSampleKernel,
} from '../../backend/contracts/gaussian.js';
import {
  mixtureJointBackwardInput,
  mixtureJointBackwardParameters,
  mixtureJoint as mixtureJointKernel,
  mixtureSample as mixtureSampleKernel,
} from '../../backend/contracts/mixture.js';
import type { DeviceArray } from '../../backend/kernel.js';
import type { Tape, Tensor } from '../tape.js';
import { logSoftmax, reduceColumns, repeatRows } from './rows.js';
import { checkAlike, checkShape } from './shapes.js';

/** One row for all, or one each. */
const spread = (tape: Tape, x: Tensor, rows: number): Tensor =>
  x.rows === 1 && rows > 1 ? repeatRows(tape, x, rows) : x;

/**
 * z = mean + e^(½ logvar)·noise, [rows, cols]; gradients reach the mean and the log-variance.
 * @param mean [rows, cols], as `logvar`; or [1, cols] for all rows
 * @param noise [rows, cols] standard normals
 */
export function gaussianSample(tape: Tape, mean: Tensor, logvar: Tensor, noise: Tensor): Tensor {
  if (noise.needsGradient) throw new Error('gaussian_sample: its noise takes no gradient');
  const { rows, cols } = noise;
  const [m, v] = [spread(tape, mean, rows), spread(tape, logvar, rows)];
  checkAlike('gaussian_sample', noise, m, v);
  const z = tape.result(rows, cols, 'sample', m.needsGradient || v.needsGradient);
  tape.trace.call(
    gaussianSampleKernel,
    { mean: m.data, logvar: v.data, noise: noise.data, z: z.data },
    { rows, cols },
  );
  tape.refuseTangents('gaussian_sample', m, v, noise);
  tape.onBackward(() => {
    const dz = tape.gradientOf(z);
    if (dz === null) return;
    tape.gradientTargets([m, v], ([dmean, dlogvar]) =>
      tape.trace.call(
        gaussianSampleBackward,
        { logvar: v.data, noise: noise.data, dz, dmean: dmean.array, dlogvar: dlogvar.array },
        { rows, cols, accumulateMean: dmean.accumulate, accumulateLogvar: dlogvar.accumulate },
      ),
    );
  });
  return z;
}

/**
 * ln N(x; mean, diag e^logvar) of each row: [rows, 1].
 * @param x [rows, cols]
 * @param mean [rows, cols], as `logvar`; or [1, cols] for all rows
 */
export function gaussianLogDensity(tape: Tape, x: Tensor, mean: Tensor, logvar: Tensor): Tensor {
  const { rows, cols } = x;
  const [m, v] = [spread(tape, mean, rows), spread(tape, logvar, rows)];
  checkAlike('gaussian_log_density', x, m, v);
  const inputs = [x, m, v];
  const needsGradient = inputs.some((input) => input.needsGradient);
  const out = tape.result(rows, 1, 'log-densities', needsGradient);
  const read = { x: x.data, mean: m.data, logvar: v.data };
  tape.trace.call(gaussianLogDensityKernel, { ...read, out: out.data }, { rows, cols });
  tape.refuseTangents('gaussian_log_density', ...inputs);
  tape.onBackward(() => {
    const dout = tape.gradientOf(out);
    if (dout === null) return;
    tape.gradientTargets(inputs, ([dx, dmean, dlogvar]) =>
      tape.trace.call(
        gaussianLogDensityBackward,
        { ...read, dout, dx: dx.array, dmean: dmean.array, dlogvar: dlogvar.array },
        {
          ...{ rows, cols, accumulateX: dx.accumulate },
          ...{ accumulateMean: dmean.accumulate, accumulateLogvar: dlogvar.accumulate },
        },
      ),
    );
  });
  return out;
}

/** A mixture of Gaussians with diagonal covariances, whose components all rows share or each has for itself. */
export interface Mixture {
  /** [1, components], or [rows, components]: unnormalised; their softmax weighs the components. */
  readonly logits: Tensor;
  /** [components, cols], or [rows, components·cols], component by component. */
  readonly mean: Tensor;
  /** As the means. */
  readonly logvar: Tensor;
}

/** The sizes that a mixture's kernels are told. @throws RangeError when its parts do not fit each other */
function mixtureSizes(operation: string, { logits, mean, logvar }: Mixture, rows: number, cols: number) {
  const components = logits.cols;
  const rowwise = logits.rows > 1 || mean.rows !== components || mean.cols !== cols ? 1 : 0;
  checkShape(operation, logits, rowwise ? rows : 1, components);
  for (const part of [mean, logvar])
    checkShape(operation, part, rowwise ? rows : components, rowwise ? components * cols : cols);
  return { rows, cols, components, rowwise };
}

/** ln p(x, k) of each row and component: [rows, components]. Its softmax over k are the responsibilities. */
export function mixtureJoint(tape: Tape, x: Tensor, mixture: Mixture): Tensor {
  const { mean, logvar } = mixture;
  const sizes = mixtureSizes('mixture_joint', mixture, x.rows, x.cols);
  const logWeight = logSoftmax(tape, mixture.logits);
  const parts = [logWeight, mean, logvar];
  const trained = parts.some((part) => part.needsGradient);
  const out = tape.result(x.rows, sizes.components, 'joint log-densities', trained || x.needsGradient);
  const read = { x: x.data, mean: mean.data, logvar: logvar.data };
  tape.trace.call(mixtureJointKernel, { ...read, logWeight: logWeight.data, out: out.data }, sizes);
  tape.refuseTangents('mixture_joint', x, ...parts);
  tape.onBackward(() => {
    const dout = tape.gradientOf(out);
    if (dout === null) return;
    if (x.needsGradient) {
      const { array, accumulate } = tape.gradientTarget(x);
      tape.trace.call(mixtureJointBackwardInput, { ...read, dout, dx: array }, { ...sizes, accumulate });
    }
    if (!trained) return;
    tape.gradientTargets(parts, ([dlogWeight, dmean, dlogvar]) =>
      tape.trace.call(
        mixtureJointBackwardParameters,
        {
          ...{ ...read, dout, dlogWeight: dlogWeight.array },
          ...{ dmean: dmean.array, dlogvar: dlogvar.array },
        },
        {
          ...{ ...sizes, accumulateWeight: dlogWeight.accumulate },
          ...{ accumulateMean: dmean.accumulate, accumulateLogvar: dlogvar.accumulate },
        },
      ),
    );
  });
  return out;
}

/** ln Σ_k p(x, k) of each row: [rows, 1]. */
export const mixtureLogDensity = (tape: Tape, x: Tensor, mixture: Mixture): Tensor =>
  reduceColumns(tape, 'logsumexp', mixtureJoint(tape, x, mixture));

/**
 * Samples of a mixture, [rows, cols]; no gradient passes through them.
 * @param uniform [rows] choose the components
 * @param noise [rows, cols] standard normals
 */
export function mixtureSample(tape: Tape, mixture: Mixture, uniform: DeviceArray, noise: Tensor): Tensor {
  const sizes = mixtureSizes('mixture_sample', mixture, noise.rows, noise.cols);
  const z = tape.result(noise.rows, noise.cols, 'sample', false);
  const logWeight = logSoftmax(tape, mixture.logits).data;
  tape.trace.call(
    mixtureSampleKernel,
    {
      ...{ uniform, noise: noise.data, logWeight, mean: mixture.mean.data },
      ...{ logvar: mixture.logvar.data, z: z.data },
    },
    sizes,
  );
  return z;
}
