// linear_backward_input with tiles in workgroup memory: for cards, whatever the sizes.
// @include common/staged.wgsl
// @include common/linear_backward_input.wgsl
