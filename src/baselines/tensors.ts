import { TributaryError } from '../errors.js';

/** Plain numbers with the lengths of their axes; [] is a scalar. */
export interface Tensor {
  readonly shape: readonly number[];
  /** Row-major, float64: a covariance kept in fewer bits need not be one any more. */
  readonly values: Float64Array;
}

export type Tensors = Map<string, Tensor>;

const damaged = (message: string): never => {
  throw new TributaryError('bad-checkpoint', `baseline: ${message}`);
};

/** Values of given axes under a name. */
export const tensor = (values: ArrayLike<number>, ...shape: number[]): Tensor => ({
  shape,
  values: Float64Array.from(values),
});

/** The tensor of a name. @throws bad-checkpoint where it is missing, of another rank, too short or not finite */
export function tensorOf(tensors: Tensors, name: string, rank: number): Tensor {
  const found = tensors.get(name) ?? damaged(`there is no tensor '${name}'`);
  if (found.shape.length !== rank)
    damaged(`'${name}' has ${found.shape.length} axes where ${rank} are needed`);
  const size = found.shape.reduce((product, length) => product * length, 1);
  if (found.values.length !== size || size === 0)
    damaged(`'${name}' has ${found.values.length} values for the shape [${found.shape}]`);
  if (!found.values.every(Number.isFinite)) damaged(`'${name}' holds a number that is not finite`);
  return found;
}

/** The values of a tensor whose axes are known. @throws bad-checkpoint where it has others */
export function valuesOf(tensors: Tensors, name: string, ...shape: number[]): Float64Array {
  const found = tensorOf(tensors, name, shape.length);
  if (found.shape.some((length, axis) => length !== shape[axis]))
    damaged(`'${name}' has the shape [${found.shape}] where [${shape}] is needed`);
  return found.values;
}

/** The same of numbers that must be positive. */
export function positivesOf(tensors: Tensors, name: string, ...shape: number[]): Float64Array {
  const values = valuesOf(tensors, name, ...shape);
  if (!values.every((value) => value > 0)) damaged(`'${name}' holds a number that is not positive`);
  return values;
}

/** Those whose names begin with a prefix, without it. */
export function tensorsUnder(tensors: Tensors, prefix: string): Tensors {
  const found: Tensors = new Map();
  for (const [name, value] of tensors)
    if (name.startsWith(prefix)) found.set(name.slice(prefix.length), value);
  return found;
}
