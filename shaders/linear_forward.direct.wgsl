// linear_forward with every sum in registers: for software adapters.
// @include common/direct.wgsl
// @include common/linear_forward.wgsl
