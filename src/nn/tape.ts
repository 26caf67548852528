import type { DeviceArray } from '../backend/kernel.js';
import type { Trace } from '../backend/trace.js';
import type { Parameter } from './parameters.js';

/** A matrix on the tape, row-major. */
export interface Tensor {
  readonly data: DeviceArray;
  readonly rows: number;
  readonly cols: number;
  /** Whether anything behind this tensor is trained or asked for. */
  readonly needsGradient: boolean;
}

/**
 * Records kernel calls forwards and, on {@link backward}, their hand-written backward kernels in reverse. It
 * runs once, while a plan is traced; a training step replays what it recorded.
 */
export class Tape {
  private readonly steps: (() => void)[] = [];
  private readonly gradients = new Map<Tensor, DeviceArray>();
  private readonly written = new Set<DeviceArray>();

  constructor(readonly trace: Trace) {}

  /** A constant of the step: data, times, noise. */
  constant(data: DeviceArray, rows: number, cols: number): Tensor {
    return { data, rows, cols, needsGradient: false };
  }

  /** A tensor whose gradient is wanted although it is not trained; ask for it with {@link gradientOf}. */
  input(data: DeviceArray, rows: number, cols: number): Tensor {
    return { data, rows, cols, needsGradient: true };
  }

  /** The result of an operation, in temporary memory. */
  result(rows: number, cols: number, label: string, needsGradient: boolean): Tensor {
    return { data: this.trace.temporary(rows * cols, label), rows, cols, needsGradient };
  }

  /** Appends what is to happen on the way back. */
  onBackward(step: () => void): void {
    this.steps.push(step);
  }

  /** The gradient that has arrived at a tensor, or null when none has. */
  gradientOf(tensor: Tensor): DeviceArray | null {
    return this.gradients.get(tensor) ?? null;
  }

  /** Where to put a gradient to `tensor`, and whether to add to what is there. */
  gradientTarget(tensor: Tensor): { array: DeviceArray; accumulate: number } {
    const known = this.gradients.get(tensor);
    if (known !== undefined) return { array: known, accumulate: 1 };
    const array = this.trace.temporary(tensor.rows * tensor.cols, `gradient of ${tensor.data.label}`);
    this.gradients.set(tensor, array);
    return { array, accumulate: 0 };
  }

  /**
   * Makes `array` the gradient of a tensor that has none yet; the caller gives the array away, for later
   * gradients are added to it in place.
   */
  adoptGradient(tensor: Tensor, array: DeviceArray): void {
    if (this.gradients.has(tensor)) throw new Error(`${tensor.data.label} has a gradient already`);
    this.gradients.set(tensor, array);
  }

  /** Where to put a gradient to a parameter: the first of a step overwrites, the others add. */
  parameterGradient(parameter: Parameter): { array: DeviceArray; accumulate: number } {
    if (parameter.gradient === null) throw new Error(`${parameter.name} was loaded without gradients`);
    const accumulate = this.written.has(parameter.gradient) ? 1 : 0;
    this.written.add(parameter.gradient);
    return { array: parameter.gradient, accumulate };
  }

  /** Records the backward pass of everything so far. */
  backward(): void {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) step();
  }
}
