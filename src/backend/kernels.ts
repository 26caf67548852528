/** The one table of kernels. Whatever is not in it cannot be called, and whatever is in it gets checked. */

import { columnDot, columnScale } from './contracts/columns.js';
import { combine, fill, multiply } from './contracts/combine.js';
import {
  assignmentKernel,
  endpointDraw,
  marginalError,
  pairwiseCost,
  planDraw,
  sinkhornStep,
} from './contracts/coupling.js';
import { divergenceTrace, randomSign, rowDot } from './contracts/divergence.js';
import { batchDraw, interpolantDraw, randomNormal, randomUniform } from './contracts/draw.js';
import {
  embedding,
  embeddingBackward,
  fourierFeatures,
  fourierFeaturesBackward,
} from './contracts/features.js';
import { fusedSampler } from './contracts/fused.js';
import {
  gaussianLogDensity,
  gaussianLogDensityBackward,
  gaussianSample,
  gaussianSampleBackward,
} from './contracts/gaussian.js';
import { linearBackwardInput, linearBackwardWeight, linearForward } from './contracts/linear.js';
import { reduceSum, regressionLoss } from './contracts/loss.js';
import { histogram2d, moments } from './contracts/metrics.js';
import {
  mixtureJoint,
  mixtureJointBackwardInput,
  mixtureJointBackwardParameters,
  mixtureSample,
} from './contracts/mixture.js';
import { adamw, clockAdvance, ema } from './contracts/optimizer.js';
import { pointwise, pointwiseBackward } from './contracts/pointwise.js';
import { groupReduce, groupReduceBackward } from './contracts/reduce.js';
import { rmsNormForward, rmsNormTangent, rmsNormTangentBackward } from './contracts/rms_norm.js';
import { gatherRows, putColumns, repeatRows, rowScale, takeColumns } from './contracts/rows.js';
import { seluBackward, seluForward } from './contracts/selu.js';
import { broadcastTime, solverUpdate } from './contracts/solver.js';
import { linearSwiglu, swigluBackward, swigluForward } from './contracts/swiglu.js';
import { fourierFeaturesTangent, seluTangent, swigluTangent } from './contracts/tangent.js';
import {
  fourierFeaturesTangentBackward,
  swigluTangentBackwardTangents,
  swigluTangentBackwardValues,
} from './contracts/tangent_backward.js';
import type { KernelContract } from './kernel.js';

export const KERNELS = {
  linear_forward: linearForward,
  linear_backward_input: linearBackwardInput,
  linear_backward_weight: linearBackwardWeight,
  swiglu_forward: swigluForward,
  swiglu_backward: swigluBackward,
  linear_swiglu: linearSwiglu,
  selu_forward: seluForward,
  selu_backward: seluBackward,
  fourier_features: fourierFeatures,
  fourier_features_backward: fourierFeaturesBackward,
  embedding,
  embedding_backward: embeddingBackward,
  random_normal: randomNormal,
  batch_draw: batchDraw,
  interpolant_draw: interpolantDraw,
  endpoint_draw: endpointDraw,
  pairwise_cost: pairwiseCost,
  assignment: assignmentKernel,
  sinkhorn_step: sinkhornStep,
  marginal_error: marginalError,
  plan_draw: planDraw,
  regression_loss: regressionLoss,
  reduce_sum: reduceSum,
  adamw,
  ema,
  clock_advance: clockAdvance,
  broadcast_time: broadcastTime,
  solver_update: solverUpdate,
  fused_sampler: fusedSampler,
  histogram_2d: histogram2d,
  moments,
  swiglu_tangent: swigluTangent,
  selu_tangent: seluTangent,
  fourier_features_tangent: fourierFeaturesTangent,
  divergence_trace: divergenceTrace,
  row_dot: rowDot,
  random_sign: randomSign,
  combine,
  fill,
  multiply,
  pointwise,
  pointwise_backward: pointwiseBackward,
  row_scale: rowScale,
  take_columns: takeColumns,
  gather_rows: gatherRows,
  put_columns: putColumns,
  repeat_rows: repeatRows,
  group_reduce: groupReduce,
  group_reduce_backward: groupReduceBackward,
  gaussian_sample: gaussianSample,
  gaussian_sample_backward: gaussianSampleBackward,
  gaussian_log_density: gaussianLogDensity,
  gaussian_log_density_backward: gaussianLogDensityBackward,
  mixture_joint: mixtureJoint,
  mixture_joint_backward_input: mixtureJointBackwardInput,
  mixture_joint_backward_parameters: mixtureJointBackwardParameters,
  mixture_sample: mixtureSample,
  random_uniform: randomUniform,
  swiglu_tangent_backward_values: swigluTangentBackwardValues,
  swiglu_tangent_backward_tangents: swigluTangentBackwardTangents,
  fourier_features_tangent_backward: fourierFeaturesTangentBackward,
  rms_norm_forward: rmsNormForward,
  rms_norm_tangent: rmsNormTangent,
  rms_norm_tangent_backward: rmsNormTangentBackward,
  column_scale: columnScale,
  column_dot: columnDot,
} as const;

export type KernelName = keyof typeof KERNELS;

/** The contract of a kernel by name, without its particular types. */
export function contractOf(name: string): KernelContract {
  const contract = (KERNELS as unknown as Record<string, KernelContract>)[name];
  if (contract === undefined) throw new Error(`there is no kernel ${name}`);
  return contract;
}
