// linear_backward_weight with tiles in workgroup memory: for cards, whatever the sizes.
// @include common/staged.wgsl
// @include common/linear_backward_weight.wgsl
