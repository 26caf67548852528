// linear_backward_input with every sum in registers: for software adapters.
// @include common/direct.wgsl
// @include common/linear_backward_input.wgsl
