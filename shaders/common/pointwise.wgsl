// As in src/backend/contracts/pointwise.ts.
const EXP = 0u;
const LOG = 1u;
const SOFTPLUS = 2u;
const TANH = 3u;
const SIGMOID = 4u;
const SQUARE = 5u;
