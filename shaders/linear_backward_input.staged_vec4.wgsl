// linear_backward_input with larger tiles in workgroup memory and four numbers a load: for cards, where sizes are multiples of 4.
// @include common/whole_tiles.wgsl
// @include common/staged_vec4.wgsl
// @include common/linear_backward_input.wgsl
