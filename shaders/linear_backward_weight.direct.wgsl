// linear_backward_weight with every sum in registers: for software adapters.
// @include common/direct.wgsl
// @include common/linear_backward_weight.wgsl
