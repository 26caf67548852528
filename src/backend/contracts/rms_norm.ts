/**
 * Normalisation of rows by their root mean square. The learned gain is a kernel of its own, column_scale, so that the
 * Jacobian here is symmetric: one kernel carries tangents and brings gradients back.
 */
import type { Drawer } from '../drawer.js';
import { defineKernel, kernelCall, type Vjp } from '../kernel.js';

const source = 'Zhang & Sennrich, "Root mean square layer normalization", arXiv 1910.07467, eq. 4';

/** What keeps a row of zeros from being divided by 0: far below the square of anything that a network works with. */
export const RMS_EPSILON = 1e-6;

type Sizes = { readonly batch: number; readonly width: number };
type Moving = Sizes & { readonly directions: number };

const values = {
  dtype: 'float',
  access: 'read',
  shape: '[batch, width]',
  length: (p: Sizes) => p.batch * p.width,
} as const;
const tangents = {
  dtype: 'float',
  access: 'read',
  shape: '[batch, directions, width]',
  length: (p: Moving) => p.batch * p.directions * p.width,
} as const;

/** A large ε among the usual ones, so that checks see where it stands. */
const LARGE_EPSILON = 0.25;

/**
 * Not one column: its derivative, ε/ρ³, is what is left of two numbers that are next to the same, and no relative error
 * means anything.
 */
const CASES = [
  { batch: 1, directions: 1, width: 4, epsilon: LARGE_EPSILON },
  { batch: 7, directions: 2, width: 13, epsilon: RMS_EPSILON },
  { batch: 33, directions: 8, width: 64, epsilon: LARGE_EPSILON },
  { batch: 131, directions: 3, width: 31, epsilon: RMS_EPSILON },
];

const shape = (draw: Drawer) => ({
  ...{ batch: 16 + draw.size(), directions: 1 + draw.below(8), width: 2 + draw.size(65) },
  epsilon: draw.below(2) ? RMS_EPSILON : LARGE_EPSILON,
});

export const rmsNormForward = defineKernel({
  name: 'rms_norm_forward',
  summary: 'Each row divided by its root mean square.',
  formula: 'y[b,i] = x[b,i]/ρ_b, ρ_b = √(ε + Σ_j x[b,j]²/width)',
  source: `${source}, without the gain.`,
  params: { batch: 'u32', width: 'u32', epsilon: 'f32' },
  bindings: { x: values, y: { ...values, access: 'write' } },
  cases: [{ batch: 300, width: 1, epsilon: LARGE_EPSILON }, ...CASES].map(({ batch, width, epsilon }) => ({
    ...{ batch, width, epsilon },
  })),
  shape: (draw) => {
    const { batch, epsilon } = shape(draw);
    return { batch, width: draw.size(), epsilon };
  },
  gradient: {
    kind: 'backward',
    outputs: ['y'],
    inputs: ['x'],
    vjp: ({ x, d_y, d_x }, { batch, width, epsilon }) => [
      kernelCall(
        rmsNormTangent,
        { x, dx: d_y, dy: d_x },
        { batch, directions: 1, width, epsilon, accumulate: 0 },
      ),
    ],
  },
});

const tangentVjp: Vjp = ({ x, dx, d_dy, d_x, d_dx }, { batch, directions, width, epsilon }) => {
  const p = { batch, directions, width, epsilon, accumulate: 0 };
  return [
    kernelCall(rmsNormTangentBackward, { x, dx, dda: d_dy, tox: d_x }, p),
    kernelCall(rmsNormTangent, { x, dx: d_dy, dy: d_dx }, p),
  ];
};

export const rmsNormTangent = defineKernel({
  name: 'rms_norm_tangent',
  summary:
    'Tangents of normalised rows, and, for the Jacobian is symmetric, their gradients on the way back.',
  formula: 'dy[b,k,i] = (dx[b,k,i] − x[b,i]·Σ_j x[b,j]·dx[b,k,j]/(width·ρ_b²))/ρ_b (added if accumulate)',
  source: `Chain rule on rms_norm_forward; ${source}.`,
  params: { batch: 'u32', directions: 'u32', width: 'u32', epsilon: 'f32', accumulate: 'u32' },
  bindings: { x: values, dx: tangents, dy: { ...tangents, access: 'update' } },
  cases: CASES.map((c, i) => ({ ...c, accumulate: i % 2 })),
  shape: (draw) => ({ ...shape(draw), accumulate: draw.below(2) }),
  gradient: { kind: 'backward', outputs: ['dy'], inputs: ['x', 'dx'], vjp: tangentVjp },
});

export const rmsNormTangentBackward = defineKernel({
  name: 'rms_norm_tangent_backward',
  summary: 'The gradients of normalised rows’ tangents to the rows that they were taken at.',
  formula:
    'tox[b,i] = −Σ_k (x[b,i]·(P − 3·M·Q/(width·ρ²)) + dx[b,k,i]·Q + dda[b,k,i]·M)/(width·ρ³) (added if accumulate); M = Σ_j x·dx, P = Σ_j dda·dx, Q = Σ_j dda·x',
  source: 'Chain rule on rms_norm_tangent.',
  params: { batch: 'u32', directions: 'u32', width: 'u32', epsilon: 'f32', accumulate: 'u32' },
  bindings: { x: values, dx: tangents, dda: tangents, tox: { ...values, access: 'update' } },
  cases: CASES.map((c, i) => ({ ...c, accumulate: i % 2 })),
  shape: (draw) => ({ ...shape(draw), accumulate: draw.below(2) }),
  gradient: { kind: 'part-of', forward: 'rms_norm_tangent' },
});
