// linear_forward with every sum in registers, and rows shared by quads of a subgroup: for software adapters.
// @include common/quads.wgsl
// @include common/linear_forward.wgsl
