/** The module's exports: kernels under the names of their contracts, and what only programs call. */
export { interpolant_draw, random_normal } from './draw';
export { embedding, fourier_features, fourier_features_backward, fourier_features_tangent } from './features';
export {
  linear_backward_input,
  linear_backward_input_panels,
  linear_forward,
  linear_forward_panels,
  pack_backward,
  pack_forward,
} from './linear';
export { reduce_sum, regression_loss } from './loss';
export { adamw, clock_advance, ema } from './optimizer';
export { broadcast_time, solver_update } from './solver';
export { swiglu_backward, swiglu_forward, swiglu_tangent } from './swiglu';
export { linear_backward_weight, linear_backward_weight_panels } from './weight';
