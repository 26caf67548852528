import { type pointwise as contract, POINTWISE_ID } from '../backend/contracts/pointwise.js';
import type { Reference } from './reference.js';

/** y = f(x) */
export const pointwise: Reference<typeof contract> = ({ x, y }, p) => {
  const f = functionOf(p.operation, p.low, p.high);
  for (let i = 0; i < p.n; i++) y[i] = f(x[i]);
};

function functionOf(id: number, low: number, high: number): (x: number) => number {
  switch (id) {
    case POINTWISE_ID.exp:
      return Math.exp;
    case POINTWISE_ID.log:
      return Math.log;
    case POINTWISE_ID.softplus:
      return (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    case POINTWISE_ID.tanh:
      return Math.tanh;
    case POINTWISE_ID.sigmoid:
      return (x) => 1 / (1 + Math.exp(-x));
    case POINTWISE_ID.square:
      return (x) => x * x;
    default:
      return (x) => Math.min(high, Math.max(low, x));
  }
}
