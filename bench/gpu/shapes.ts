/** At which sizes `--kernels` measures: those of training and sampling, and what corresponds to them. */
import { fusedWork } from '../../src/backend/contracts/fused.js';
import { contractOf, type KernelName } from '../../src/backend/kernels.js';

export type Shape = Readonly<Record<string, number>>;

/** Rows, inputs and outputs of the products of a network. */
const PRODUCTS = [
  [512, 64, 128],
  [4000, 64, 128],
  [1000, 128, 256],
  [1000, 256, 128],
] as const;

/** Kernels whose parameter `n` counts elements that are independent of each other: as many as a product writes. */
const ELEMENTWISE: ReadonlySet<KernelName> = new Set([
  'swiglu_forward',
  'swiglu_backward',
  'selu_forward',
  'selu_backward',
  'random_normal',
  'random_sign',
  'reduce_sum',
  'adamw',
  'ema',
  'solver_update',
] as const);

const bindings = (kernel: KernelName, shape: Shape): number =>
  Object.values(contractOf(kernel).bindings).reduce((sum, { length }) => sum + length(shape), 0);

/** Bytes of everything that a call binds: what it moves at least. */
export const bytesOf = (kernel: KernelName, shape: Shape): number => 4 * bindings(kernel, shape);

/** Of the kernels that multiply matrices; 0 for those whose arithmetic is beside what they move. */
export function flopsOf(kernel: KernelName, shape: Shape): number {
  if (kernel === 'linear_swiglu') return 4 * shape.batch * shape.inputs * shape.outputs;
  if (kernel.startsWith('linear_')) return 2 * shape.batch * shape.inputs * shape.outputs;
  if (kernel === 'fused_sampler') return 2 * fusedWork(shape as never) * shape.n * shape.steps;
  return 0;
}

/** The networks of the standard problem, one Euler step of 4000 particles in the plane. */
const FUSED = [64, 128].map((hidden) => ({
  ...{ first: 0, n: 4000, dim: 2, steps: 1, stages: 1, stride: 15, hidden, inner: 2 * hidden, blocks: 2 },
  ...{ pointFrequencies: 0, timeFrequencies: 0, classes: 0, labelWidth: 1, unlabelled: 0 },
}));

/**
 * What a kernel is measured at. One that scales with neither rows nor elements, such as an assignment, is measured at
 * the largest shape of its contract.
 */
export function shapesOf(kernel: KernelName): Shape[] {
  const contract = contractOf(kernel);
  const largest = [...contract.cases].sort((a, b) => bindings(kernel, b) - bindings(kernel, a))[0] as Shape;
  if (kernel === 'fused_sampler') return FUSED.map((sizes) => ({ ...largest, ...sizes }));
  const made = PRODUCTS.map(([batch, inputs, outputs]): Shape => {
    const has = (name: string) => name in contract.params;
    const plain = { hasResidual: 0, accumulate: 0, accumulateBias: 0 };
    if (has('inputs')) return { ...largest, batch, inputs, outputs, ...plain };
    const n = batch * outputs;
    if (ELEMENTWISE.has(kernel))
      return { ...largest, n, ...(has('chunk') ? { chunk: Math.ceil(Math.sqrt(n)) } : {}) };
    if (has('batch')) return { ...largest, batch, ...(has('width') ? { width: outputs } : {}) };
    return largest;
  });
  const unlike = new Map(
    made.map((shape) => {
      const known = Object.entries(shape).filter(([name]) => name in contract.params);
      return [JSON.stringify(known), Object.fromEntries(known)];
    }),
  );
  return [...unlike.values()];
}

/** The parameters that say how large a call is. */
export function shapeText(shape: Shape): string {
  const { batch, inputs, outputs } = shape;
  if (inputs !== undefined) return `${batch}×${inputs}×${outputs}`;
  const sizes = ['n', 'batch', 'rows', 'width', 'dim', 'hidden'].filter((name) => shape[name] !== undefined);
  return sizes.map((name) => `${name} ${shape[name]}`).join(', ');
}
