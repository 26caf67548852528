/** The module's exports: kernels under the names of their contracts, and what only programs call. */
export { assignment } from './assignment';
export { batch_draw, interpolant_draw, random_normal } from './draw';
export { endpoint_draw, pairwise_cost, plan_draw, sinkhorn_step } from './coupling';
export { embedding, fourier_features, fourier_features_backward, fourier_features_tangent } from './features';
export {
  linear_backward_input,
  linear_backward_input_panels,
  linear_forward,
  linear_forward_panels,
  pack_backward,
  pack_forward,
} from './linear';
export { timed } from './pack';
export { reduce_sum, regression_loss } from './loss';
export { adamw, clock_advance, ema } from './optimizer';
export { column_dot, column_scale, rms_norm_forward, rms_norm_tangent } from './rms_norm';
export { selu_backward, selu_forward, selu_tangent } from './selu';
export { broadcast_time, solver_update } from './solver';
export { swiglu_backward, swiglu_forward, swiglu_tangent } from './swiglu';
export { linear_backward_weight, linear_backward_weight_panels } from './weight';
