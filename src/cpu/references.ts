import type { KERNELS } from '../backend/kernels.js';
import { adamw } from './adamw.js';
import { assignment } from './assignment.js';
import { batchDraw } from './batch_draw.js';
import { broadcastTime } from './broadcast_time.js';
import { clockAdvance } from './clock_advance.js';
import { columnDot } from './column_dot.js';
import { columnScale } from './column_scale.js';
import { combine } from './combine.js';
import { divergenceTrace } from './divergence_trace.js';
import { ema } from './ema.js';
import { embedding } from './embedding.js';
import { embeddingBackward } from './embedding_backward.js';
import { endpointDraw } from './endpoint_draw.js';
import { fill } from './fill.js';
import { fourierFeatures } from './fourier_features.js';
import { fourierFeaturesBackward } from './fourier_features_backward.js';
import { fourierFeaturesTangent } from './fourier_features_tangent.js';
import { fourierFeaturesTangentBackward } from './fourier_features_tangent_backward.js';
import { fusedSampler } from './fused_sampler.js';
import { gatherRows } from './gather_rows.js';
import { gaussianLogDensity } from './gaussian_log_density.js';
import { gaussianLogDensityBackward } from './gaussian_log_density_backward.js';
import { gaussianSample } from './gaussian_sample.js';
import { gaussianSampleBackward } from './gaussian_sample_backward.js';
import { groupReduce } from './group_reduce.js';
import { groupReduceBackward } from './group_reduce_backward.js';
import { histogram2d } from './histogram_2d.js';
import { interpolantDraw } from './interpolant_draw.js';
import { linearBackwardInput } from './linear_backward_input.js';
import { linearBackwardWeight } from './linear_backward_weight.js';
import { linearForward } from './linear_forward.js';
import { linearSwiglu } from './linear_swiglu.js';
import { marginalError } from './marginal_error.js';
import { mixtureJoint } from './mixture_joint.js';
import { mixtureJointBackwardInput } from './mixture_joint_backward_input.js';
import { mixtureJointBackwardParameters } from './mixture_joint_backward_parameters.js';
import { mixtureSample } from './mixture_sample.js';
import { moments } from './moments.js';
import { multiply } from './multiply.js';
import { pairwiseCost } from './pairwise_cost.js';
import { planDraw } from './plan_draw.js';
import { pointwise } from './pointwise.js';
import { pointwiseBackward } from './pointwise_backward.js';
import { putColumns } from './put_columns.js';
import { randomNormal } from './random_normal.js';
import { randomSign } from './random_sign.js';
import { randomUniform } from './random_uniform.js';
import { reduceSum } from './reduce_sum.js';
import type { Reference } from './reference.js';
import { regressionLoss } from './regression_loss.js';
import { repeatRows } from './repeat_rows.js';
import { rmsNormForward } from './rms_norm_forward.js';
import { rmsNormTangent } from './rms_norm_tangent.js';
import { rmsNormTangentBackward } from './rms_norm_tangent_backward.js';
import { rowDot } from './row_dot.js';
import { rowScale } from './row_scale.js';
import { seluBackward } from './selu_backward.js';
import { seluForward } from './selu_forward.js';
import { seluTangent } from './selu_tangent.js';
import { sinkhornStep } from './sinkhorn_step.js';
import { solverUpdate } from './solver_update.js';
import { swigluBackward } from './swiglu_backward.js';
import { swigluForward } from './swiglu_forward.js';
import { swigluTangent } from './swiglu_tangent.js';
import { swigluTangentBackwardTangents } from './swiglu_tangent_backward_tangents.js';
import { swigluTangentBackwardValues } from './swiglu_tangent_backward_values.js';
import { takeColumns } from './take_columns.js';

/** The reference of every kernel in the table: a missing one is a type error. */
export const REFERENCES: { readonly [K in keyof typeof KERNELS]: Reference<(typeof KERNELS)[K]> } = {
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
  assignment,
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
};
