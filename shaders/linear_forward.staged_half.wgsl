// linear_forward with tiles in workgroup memory as float16, summed in float32: where sizes are multiples of 4, and only
// where it is asked for. No card has run it yet.
// @include common/half_tiles.wgsl
// @include common/staged_vec4.wgsl
// @include common/linear_forward.wgsl
