// linear_backward_weight with every sum in registers, and rows shared by quads of a subgroup: for software adapters.
// @include common/quads.wgsl
// @include common/linear_backward_weight.wgsl
