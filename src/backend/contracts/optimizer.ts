/** The optimiser, the moving average of its parameters, and the clock that drives both. */
import { CLOCK_LENGTH } from '../clock.js';
import { defineKernel } from '../kernel.js';

/** Columns of the training schedule, one row a step; see `src/nn/schedule.ts`. */
export const SCHEDULE = {
  learningRate: 0,
  /** 1 − β1^k and 1 − β2^k: computed on the host, because WGSL's pow is too coarse for large k. */
  correction1: 1,
  correction2: 2,
  emaDecay: 3,
} as const;

export const SCHEDULE_COLUMNS = 4;

const clock = {
  dtype: 'u32',
  access: 'read',
  shape: '(step, row, particle, 0)',
  length: () => CLOCK_LENGTH,
} as const;
const schedule = {
  dtype: 'float',
  access: 'read',
  shape: '[rows, 4]: learning rate, 1 − β1^k, 1 − β2^k, EMA decay',
  length: () => SCHEDULE_COLUMNS,
} as const;

export const adamw = defineKernel({
  name: 'adamw',
  summary: 'One AdamW step with clipping by the global norm.',
  formula:
    'g ← g·min(1, clip/√norm²) (clip > 0);  p ← p(1 − lr·wd);  m ← β1 m + (1−β1) g;  v ← β2 v + (1−β2) g²;  ' +
    'p ← p − lr·(m/c1)/(√(v/c2) + eps)',
  source: 'Loshchilov & Hutter, arXiv 1711.05101, algorithm 2, as in PyTorch (weight decay times lr).',
  params: { n: 'u32', beta1: 'f32', beta2: 'f32', eps: 'f32', weightDecay: 'f32', clip: 'f32' },
  bindings: {
    clock,
    schedule,
    normSquared: { dtype: 'float', access: 'read', shape: '[1]', length: () => 1 },
    gradient: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    parameter: { dtype: 'float', access: 'update', shape: '[n]', length: (p) => p.n },
    m: { dtype: 'float', access: 'update', shape: '[n]', length: (p) => p.n },
    v: { dtype: 'float', access: 'update', shape: '[n]', length: (p) => p.n },
  },
  cases: [
    { n: 1, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0, clip: 0 },
    { n: 63, beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.01, clip: 1 },
    { n: 1009, beta1: 0.8, beta2: 0.95, eps: 1e-6, weightDecay: 0.1, clip: 1000 },
  ],
  inputs: (p, random) => ({
    clock: [2, 0, 0, 0],
    schedule: [0.01, 0.271, 0.002997, 0.999],
    normSquared: [p.n],
    v: Array.from({ length: p.n }, (_, i) => random.uniform(i)),
  }),
  shape: (draw) => ({
    n: draw.elements(),
    beta1: 0.8 + 0.19 * draw.uniform(),
    beta2: 0.9 + 0.099 * draw.uniform(),
    eps: 1e-8,
    weightDecay: 0.1 * draw.uniform(),
    clip: draw.below(2) * draw.uniform(),
  }),
  gradient: { kind: 'none', why: 'the optimiser is not differentiated through' },
});

export const ema = defineKernel({
  name: 'ema',
  summary: 'Exponential moving average of the parameters.',
  formula: 'average ← decay·average + (1 − decay)·parameter, decay from the schedule',
  source: 'Polyak & Juditsky 1992; decay warm-up as in score-based models.',
  params: { n: 'u32' },
  bindings: {
    clock,
    schedule,
    parameter: { dtype: 'float', access: 'read', shape: '[n]', length: (p) => p.n },
    average: { dtype: 'float', access: 'update', shape: '[n]', length: (p) => p.n },
  },
  cases: [{ n: 1 }, { n: 67 }, { n: 1031 }],
  inputs: () => ({ clock: [2, 0, 0, 0], schedule: [0.01, 0.271, 0.002997, 0.93] }),
  items: (p) => p.n,
  shape: (draw) => ({ n: draw.elements() }),
  gradient: { kind: 'none', why: 'the average is not differentiated through' },
});

export const clockAdvance = defineKernel({
  name: 'clock_advance',
  summary: 'Moves the clock on, so that a replayed plan finds its next step without the host.',
  formula: 'step ← step + by;  row ← row + by',
  source: 'See src/backend/clock.ts.',
  params: { by: 'u32' },
  bindings: {
    clock: { dtype: 'u32', access: 'update', shape: '(step, row, particle, 0)', length: () => CLOCK_LENGTH },
  },
  cases: [{ by: 1 }, { by: 3 }],
  inputs: () => ({ clock: [4000000000, 17, 9, 0] }),
  shape: (draw) => ({ by: draw.below(1000) }),
  gradient: { kind: 'none', why: 'integers' },
});
