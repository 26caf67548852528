/** The shaders of every kernel in the table: a missing one is a type error. */
import adamw from '../../shaders/adamw.wgsl';
import assignment from '../../shaders/assignment.wgsl';
import batch_draw from '../../shaders/batch_draw.wgsl';
import broadcast_time from '../../shaders/broadcast_time.wgsl';
import clock_advance from '../../shaders/clock_advance.wgsl';
import column_dot from '../../shaders/column_dot.wgsl';
import column_scale from '../../shaders/column_scale.wgsl';
import combine from '../../shaders/combine.wgsl';
import divergence_trace from '../../shaders/divergence_trace.wgsl';
import ema from '../../shaders/ema.wgsl';
import embedding from '../../shaders/embedding.wgsl';
import embedding_backward from '../../shaders/embedding_backward.wgsl';
import endpoint_draw from '../../shaders/endpoint_draw.wgsl';
import fill from '../../shaders/fill.wgsl';
import fourier_features from '../../shaders/fourier_features.wgsl';
import fourier_features_backward from '../../shaders/fourier_features_backward.wgsl';
import fourier_features_tangent from '../../shaders/fourier_features_tangent.wgsl';
import fourier_features_tangent_backward from '../../shaders/fourier_features_tangent_backward.wgsl';
import fused_sampler from '../../shaders/fused_sampler.wgsl';
import gather_rows from '../../shaders/gather_rows.wgsl';
import gaussian_log_density from '../../shaders/gaussian_log_density.wgsl';
import gaussian_log_density_backward from '../../shaders/gaussian_log_density_backward.wgsl';
import gaussian_sample from '../../shaders/gaussian_sample.wgsl';
import gaussian_sample_backward from '../../shaders/gaussian_sample_backward.wgsl';
import group_reduce from '../../shaders/group_reduce.wgsl';
import group_reduce_backward from '../../shaders/group_reduce_backward.wgsl';
import histogram_2d from '../../shaders/histogram_2d.wgsl';
import interpolant_draw from '../../shaders/interpolant_draw.wgsl';
import linear_backward_input_direct from '../../shaders/linear_backward_input.direct.wgsl';
import linear_backward_input_quads from '../../shaders/linear_backward_input.quads.wgsl';
import linear_backward_input_staged from '../../shaders/linear_backward_input.staged.wgsl';
import linear_backward_input_staged_vec4 from '../../shaders/linear_backward_input.staged_vec4.wgsl';
import linear_backward_weight_direct from '../../shaders/linear_backward_weight.direct.wgsl';
import linear_backward_weight_quads from '../../shaders/linear_backward_weight.quads.wgsl';
import linear_backward_weight_staged from '../../shaders/linear_backward_weight.staged.wgsl';
import linear_backward_weight_staged_vec4 from '../../shaders/linear_backward_weight.staged_vec4.wgsl';
import linear_forward_direct from '../../shaders/linear_forward.direct.wgsl';
import linear_forward_quads from '../../shaders/linear_forward.quads.wgsl';
import linear_forward_staged from '../../shaders/linear_forward.staged.wgsl';
import linear_forward_staged_half from '../../shaders/linear_forward.staged_half.wgsl';
import linear_forward_staged_vec4 from '../../shaders/linear_forward.staged_vec4.wgsl';
import linear_swiglu_direct from '../../shaders/linear_swiglu.direct.wgsl';
import linear_swiglu_quads from '../../shaders/linear_swiglu.quads.wgsl';
import marginal_error from '../../shaders/marginal_error.wgsl';
import mixture_joint from '../../shaders/mixture_joint.wgsl';
import mixture_joint_backward_input from '../../shaders/mixture_joint_backward_input.wgsl';
import mixture_joint_backward_parameters from '../../shaders/mixture_joint_backward_parameters.wgsl';
import mixture_sample from '../../shaders/mixture_sample.wgsl';
import moments from '../../shaders/moments.wgsl';
import multiply from '../../shaders/multiply.wgsl';
import pairwise_cost from '../../shaders/pairwise_cost.wgsl';
import plan_draw from '../../shaders/plan_draw.wgsl';
import pointwise from '../../shaders/pointwise.wgsl';
import pointwise_backward from '../../shaders/pointwise_backward.wgsl';
import put_columns from '../../shaders/put_columns.wgsl';
import random_normal from '../../shaders/random_normal.wgsl';
import random_sign from '../../shaders/random_sign.wgsl';
import random_uniform from '../../shaders/random_uniform.wgsl';
import reduce_sum_direct from '../../shaders/reduce_sum.direct.wgsl';
import reduce_sum_staged from '../../shaders/reduce_sum.staged.wgsl';
import regression_loss from '../../shaders/regression_loss.wgsl';
import repeat_rows from '../../shaders/repeat_rows.wgsl';
import rms_norm_forward from '../../shaders/rms_norm_forward.wgsl';
import rms_norm_tangent from '../../shaders/rms_norm_tangent.wgsl';
import rms_norm_tangent_backward from '../../shaders/rms_norm_tangent_backward.wgsl';
import row_dot from '../../shaders/row_dot.wgsl';
import row_scale from '../../shaders/row_scale.wgsl';
import selu_backward from '../../shaders/selu_backward.wgsl';
import selu_forward from '../../shaders/selu_forward.wgsl';
import selu_tangent from '../../shaders/selu_tangent.wgsl';
import sinkhorn_step from '../../shaders/sinkhorn_step.wgsl';
import solver_update from '../../shaders/solver_update.wgsl';
import swiglu_backward from '../../shaders/swiglu_backward.wgsl';
import swiglu_forward from '../../shaders/swiglu_forward.wgsl';
import swiglu_tangent from '../../shaders/swiglu_tangent.wgsl';
import swiglu_tangent_backward_tangents from '../../shaders/swiglu_tangent_backward_tangents.wgsl';
import swiglu_tangent_backward_values from '../../shaders/swiglu_tangent_backward_values.wgsl';
import take_columns from '../../shaders/take_columns.wgsl';
import { contractOf } from '../backend/kernels.js';
import { LAUNCHES } from './launches.js';
import { completeShader, type KernelShader, type Shader } from './shader.js';
import { kernelOf, type ShaderName } from './variants.js';

const SOURCES: { readonly [K in ShaderName]: KernelShader } = {
  'linear_forward.direct': linear_forward_direct,
  'linear_forward.quads': linear_forward_quads,
  'linear_forward.staged': linear_forward_staged,
  'linear_forward.staged_half': linear_forward_staged_half,
  'linear_forward.staged_vec4': linear_forward_staged_vec4,
  'linear_backward_input.direct': linear_backward_input_direct,
  'linear_backward_input.quads': linear_backward_input_quads,
  'linear_backward_input.staged': linear_backward_input_staged,
  'linear_backward_input.staged_vec4': linear_backward_input_staged_vec4,
  'linear_backward_weight.direct': linear_backward_weight_direct,
  'linear_backward_weight.quads': linear_backward_weight_quads,
  'linear_backward_weight.staged': linear_backward_weight_staged,
  'linear_backward_weight.staged_vec4': linear_backward_weight_staged_vec4,
  'linear_swiglu.direct': linear_swiglu_direct,
  'linear_swiglu.quads': linear_swiglu_quads,
  swiglu_forward,
  swiglu_backward,
  selu_forward,
  selu_backward,
  fourier_features,
  fourier_features_backward,
  embedding,
  embedding_backward,
  random_normal,
  batch_draw,
  interpolant_draw,
  endpoint_draw,
  pairwise_cost,
  assignment,
  sinkhorn_step,
  marginal_error,
  plan_draw,
  regression_loss,
  'reduce_sum.direct': reduce_sum_direct,
  'reduce_sum.staged': reduce_sum_staged,
  adamw,
  ema,
  clock_advance,
  broadcast_time,
  solver_update,
  fused_sampler,
  histogram_2d,
  moments,
  swiglu_tangent,
  selu_tangent,
  fourier_features_tangent,
  divergence_trace,
  row_dot,
  random_sign,
  combine,
  fill,
  multiply,
  pointwise,
  pointwise_backward,
  row_scale,
  take_columns,
  gather_rows,
  put_columns,
  repeat_rows,
  group_reduce,
  group_reduce_backward,
  gaussian_sample,
  gaussian_sample_backward,
  gaussian_log_density,
  gaussian_log_density_backward,
  mixture_joint,
  mixture_joint_backward_input,
  mixture_joint_backward_parameters,
  mixture_sample,
  random_uniform,
  swiglu_tangent_backward_values,
  swiglu_tangent_backward_tangents,
  fourier_features_tangent_backward,
  rms_norm_forward,
  rms_norm_tangent,
  rms_norm_tangent_backward,
  column_scale,
  column_dot,
};

export const SHADERS = Object.fromEntries(
  Object.entries(SOURCES).map(([name, shader]) => [
    name,
    completeShader(shader, contractOf(kernelOf(name)), LAUNCHES[name as ShaderName]),
  ]),
) as { readonly [K in ShaderName]: Shader };
