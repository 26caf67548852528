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
 * Records kernel calls forwards and, on {@link backward}, their hand-written backward kernels in reverse; on
 * {@link forward}, the kernels that carry tangents, directional derivatives, the same way as the values. It
 * runs once, while a plan is traced; a training step replays what it recorded.
 */
export class Tape {
  private readonly steps: (() => void)[] = [];
  private readonly tangentSteps: (() => void)[] = [];
  private readonly tangents = new Map<Tensor, DeviceArray>();
  private readonly gradients = new Map<Tensor, DeviceArray>();
  private readonly written = new Set<DeviceArray>();
  /** How many directions there are tangents in; the same for every tensor of a tape. */
  directions = 0;

  /** @param zeroes an array of zeros, at least as long as a row of any tensor; only tangents need it */
  constructor(
    readonly trace: Trace,
    private readonly zeroes?: DeviceArray,
  ) {}

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

  /** Whether the backward pass has reached a parameter. */
  reached({ gradient }: Parameter): boolean {
    return gradient !== null && this.written.has(gradient);
  }

  /**
   * Appends what carries tangents through an operation, once its inputs' are there: after all values, so that
   * the kernels of either kind stay together.
   */
  onForward(step: () => void): void {
    this.tangentSteps.push(step);
  }

  /** The tangents of a tensor, [rows, directions, cols], or null when it does not move. */
  tangentOf(tensor: Tensor): DeviceArray | null {
    return this.tangents.get(tensor) ?? null;
  }

  /** @param array [rows, directions, cols] */
  setTangent(tensor: Tensor, array: DeviceArray, directions: number): void {
    if (this.tangents.size > 0 && directions !== this.directions)
      throw new Error(`${tensor.data.label} moves in ${directions} directions, others in ${this.directions}`);
    this.directions = directions;
    this.tangents.set(tensor, array);
  }

  /** Memory for the tangents of a tensor, and whether it holds none yet. */
  tangentTarget(tensor: Tensor): { array: DeviceArray; clear: number } {
    const known = this.tangents.get(tensor);
    if (known !== undefined) return { array: known, clear: 0 };
    const length = tensor.rows * this.directions * tensor.cols;
    const array = this.trace.temporary(length, `tangents of ${tensor.data.label}`);
    this.tangents.set(tensor, array);
    return { array, clear: 1 };
  }

  /** The bias of a linear layer's tangents. */
  get zeros(): DeviceArray {
    if (this.zeroes === undefined) throw new Error('a tape of tangents needs an array of zeros');
    return this.zeroes;
  }

  /** Records the tangents of everything so far, from those that {@link setTangent} has given. */
  forward(): void {
    for (const step of this.tangentSteps.splice(0)) step();
  }

  /** Records the backward pass of everything so far. */
  backward(): void {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) step();
  }
}
