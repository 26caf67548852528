/** Numbers that a stage fits to the data at once, by name, in float64: a covariance kept in fewer bits need not be one. */
export type Fitted = ReadonlyMap<string, FittedTensor>;

export interface FittedTensor {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float64Array;
}

/** What begins the names of such numbers in files. */
export const FITTED = 'fitted.';

export const NOTHING_FITTED: Fitted = new Map();
