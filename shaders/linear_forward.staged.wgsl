// linear_forward with tiles in workgroup memory: for cards, whatever the sizes.
// @include common/staged.wgsl
// @include common/linear_forward.wgsl
