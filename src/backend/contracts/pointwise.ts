/** Functions of one number, elementwise: one kernel that is told which. */
import type { CounterRandom } from '../../random/random.js';
import { defineKernel, kernelCall } from '../kernel.js';
import { vector } from './bindings.js';

/** How the parameter `operation` names what is computed. */
export const POINTWISE_ID = {
  exp: 0,
  log: 1,
  softplus: 2,
  tanh: 3,
  sigmoid: 4,
  square: 5,
  /** Into [low, high]. */
  clamp: 6,
} as const;

export type PointwiseName = keyof typeof POINTWISE_ID;

const COUNT = Object.keys(POINTWISE_ID).length;

const params = { n: 'u32', operation: 'u32', low: 'f32', high: 'f32' } as const;
const cases = [257, 31, 5003, 64, 129, 2, 300, 1].map((n, i) => ({
  n,
  operation: i % COUNT,
  low: -1,
  high: 0.5,
}));

type Case = { readonly n: number; readonly operation: number; readonly low: number; readonly high: number };

/** What neither overflows nor is inexact however far from 0, and how far that is tried. */
const SATURATING: ReadonlySet<number> = new Set([
  POINTWISE_ID.softplus,
  POINTWISE_ID.tanh,
  POINTWISE_ID.sigmoid,
]);
const FAR = [-1e4, 1e4, -120, 120, -30, 30, 1e-6, -1e-3];

/** Where the function is smooth: positive for the logarithm, away from the ends of the clamp. */
const inputs = (p: Case, random: CounterRandom) => ({
  x: Array.from({ length: p.n }, (_, i) => {
    const x = SATURATING.has(p.operation) && i < FAR.length ? FAR[i] : 2 * random.normal(i);
    if (p.operation === POINTWISE_ID.log) return Math.fround(Math.exp(x / 4));
    if (p.operation !== POINTWISE_ID.clamp) return Math.fround(x);
    const near = [p.low, p.high].some((end) => Math.abs(x - end) < 0.02);
    return Math.fround(near ? x + 0.05 : x);
  }),
});

export const pointwise = defineKernel({
  name: 'pointwise',
  summary: 'A function of one number, elementwise: exp, log, softplus, tanh, sigmoid, square or clamp.',
  formula: 'y = f(x): e^x, ln x, ln(1 + e^x), tanh x, 1/(1 + e^−x), x², min(high, max(low, x))',
  source: 'Elementary; softplus as max(x, 0) + ln(1 + e^−|x|), which neither overflows nor loses digits.',
  params,
  bindings: { x: vector('read'), y: vector('write') },
  cases,
  items: (p) => p.n,
  shape: (draw) => ({
    ...{ n: draw.elements(), operation: draw.below(COUNT) },
    ...{ low: -1 - draw.uniform(), high: draw.uniform() },
  }),
  inputs,
  gradient: {
    kind: 'backward',
    outputs: ['y'],
    inputs: ['x'],
    vjp: ({ x, d_y, d_x }, p) => [
      kernelCall(
        pointwiseBackward,
        { x, dy: d_y, dx: d_x },
        { n: p.n, operation: p.operation, low: p.low, high: p.high, accumulate: 0 },
      ),
    ],
  },
});

export const pointwiseBackward = defineKernel({
  name: 'pointwise_backward',
  summary: 'The gradient of a function of one number.',
  formula:
    'dx = f′(x)·dy (added if accumulate): e^x, 1/x, σ(x), 1 − tanh² x, σ(x)·σ(−x), 2x, 1 within [low, high] and 0 outside',
  source: 'Chain rule on pointwise; at the ends of the clamp 1, as PyTorch takes it.',
  params: { ...params, accumulate: 'u32' },
  bindings: { x: vector('read'), dy: vector('read'), dx: vector('update') },
  cases: cases.map((c, i) => ({ ...c, accumulate: i % 2 })),
  items: (p) => p.n,
  shape: (draw) => ({
    ...{ n: draw.elements(), operation: draw.below(COUNT) },
    ...{ low: -1 - draw.uniform(), high: draw.uniform(), accumulate: draw.below(2) },
  }),
  inputs,
  gradient: { kind: 'part-of', forward: 'pointwise' },
});
