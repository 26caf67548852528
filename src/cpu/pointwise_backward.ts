import { type pointwiseBackward as contract, POINTWISE_ID } from '../backend/contracts/pointwise.js';
import type { Reference } from './reference.js';

/** dx = f′(x)·dy */
export const pointwiseBackward: Reference<typeof contract> = ({ x, dy, dx }, p) => {
  const slope = slopeOf(p.operation, p.low, p.high);
  for (let i = 0; i < p.n; i++) dx[i] = (p.accumulate ? dx[i] : 0) + slope(x[i]) * dy[i];
};

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

function slopeOf(id: number, low: number, high: number): (x: number) => number {
  switch (id) {
    case POINTWISE_ID.exp:
      return Math.exp;
    case POINTWISE_ID.log:
      return (x) => 1 / x;
    case POINTWISE_ID.softplus:
      return sigmoid;
    case POINTWISE_ID.tanh:
      return (x) => 4 * sigmoid(2 * x) * sigmoid(-2 * x);
    case POINTWISE_ID.sigmoid:
      return (x) => sigmoid(x) * sigmoid(-x);
    case POINTWISE_ID.square:
      return (x) => 2 * x;
    default:
      return (x) => (x >= low && x <= high ? 1 : 0);
  }
}
