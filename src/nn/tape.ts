import { combine, fill } from '../backend/contracts/combine.js';
import type { DeviceArray } from '../backend/kernel.js';
import type { Trace } from '../backend/trace.js';
import { elements, type Parameter } from './parameters.js';

/** A matrix on the tape, row-major. */
export interface Tensor {
  readonly data: DeviceArray;
  readonly rows: number;
  readonly cols: number;
  /** Whether anything behind this tensor is trained or asked for. */
  readonly needsGradient: boolean;
}

/** Where a gradient goes, and whether it is added to what is there: 1, or 0. */
export interface Target {
  readonly array: DeviceArray;
  readonly accumulate: number;
}

/**
 * Records kernel calls forwards and, on {@link backward}, their hand-written backward kernels in reverse; on
 * {@link forward}, the kernels that carry tangents, directional derivatives, the same way as the values. It
 * runs once, while a plan is traced; a training step replays what it recorded.
 *
 * A tensor may be used any number of times: by several operations, twice by one, by several losses; its gradient
 * is the sum of what they send back.
 */
export class Tape {
  private readonly steps: (() => void)[] = [];
  private readonly tangentSteps: (() => void)[] = [];
  private readonly tangents = new Map<Tensor, Tensor>();
  private readonly gradients = new Map<Tensor, DeviceArray>();
  private readonly parameters = new Map<Tensor, Parameter>();
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

  /** A parameter as a matrix, a vector as one row. Gradients that arrive go to the parameter's own. */
  parameter(parameter: Parameter): Tensor {
    const { shape, value, gradient } = parameter;
    const cols = shape[shape.length - 1];
    const tensor = { data: value, rows: elements(shape) / cols, cols, needsGradient: gradient !== null };
    if (gradient !== null) this.parameters.set(tensor, parameter);
    return tensor;
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

  /**
   * Where to put a gradient to `tensor`, and whether to add to what is there. Nobody looks at what goes to a
   * tensor that needs none.
   */
  gradientTarget(tensor: Tensor): Target {
    const parameter = this.parameters.get(tensor);
    if (parameter !== undefined) return this.parameterGradient(parameter);
    const known = this.gradients.get(tensor);
    if (known !== undefined) return { array: known, accumulate: 1 };
    const array = this.gradientMemory(tensor);
    if (tensor.needsGradient) this.gradients.set(tensor, array);
    return { array, accumulate: 0 };
  }

  /**
   * Where one kernel puts the gradients to all of its inputs. A kernel may not write one array by two names: what
   * comes again for an input that it has twice is added after `record` has recorded it.
   */
  gradientTargets(tensors: readonly Tensor[], record: (targets: readonly Target[]) => void): void {
    const again: { tensor: Tensor; array: DeviceArray }[] = [];
    const targets = tensors.map((tensor, i): Target => {
      if (!this.sameGradient(tensor, tensors.slice(0, i))) return this.gradientTarget(tensor);
      const array = this.gradientMemory(tensor);
      again.push({ tensor, array });
      return { array, accumulate: 0 };
    });
    record(targets);
    for (const { tensor, array } of again) this.adoptGradient(tensor, array);
  }

  private sameGradient(tensor: Tensor, others: readonly Tensor[]): boolean {
    const parameter = this.parameters.get(tensor);
    return others.some(
      (other) => other === tensor || (parameter !== undefined && this.parameters.get(other) === parameter),
    );
  }

  private gradientMemory(tensor: Tensor): DeviceArray {
    return this.trace.temporary(tensor.rows * tensor.cols, `gradient of ${tensor.data.label}`);
  }

  /**
   * Sends `array` back as a gradient to `tensor`. The caller gives the array away: where the tensor has no other
   * gradient yet it becomes the tensor's, and later ones are added to it in place.
   */
  adoptGradient(tensor: Tensor, array: DeviceArray): void {
    if (!this.gradients.has(tensor) && !this.parameters.has(tensor)) {
      this.gradients.set(tensor, array);
      return;
    }
    const target = this.gradientTarget(tensor);
    this.trace.call(
      combine,
      { x: array, z: array, y: target.array },
      { n: tensor.rows * tensor.cols, a: 1, b: 0, c: 0, accumulate: target.accumulate },
    );
  }

  /**
   * Sends the gradient of one tensor back to another of as many elements. It is given away, and no longer known as
   * the first one's: call it last.
   */
  passGradient(from: Tensor, to: Tensor): void {
    const array = this.gradients.get(from);
    if (array === undefined || !to.needsGradient) return;
    this.gradients.delete(from);
    this.adoptGradient(to, array);
  }

  /**
   * Makes Σ scale·tensor, summed over its elements, a part of what {@link backward} differentiates; losses add up.
   * @param scale 1/rows for the mean over a batch
   */
  minimise(tensor: Tensor, scale: number): void {
    if (!tensor.needsGradient) return;
    const { array, accumulate } = this.gradientTarget(tensor);
    this.trace.call(fill, { y: array }, { n: tensor.rows * tensor.cols, value: scale, accumulate });
  }

  /** Where to put a gradient to a parameter: the first of a step overwrites, the others add. */
  parameterGradient(parameter: Parameter): Target {
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
    return this.tangents.get(tensor)?.data ?? null;
  }

  /**
   * The same as a tensor, [rows·directions, cols], of which losses may be made in their turn: what was recorded by
   * {@link forward} is differentiated too, with the directions held constant where they start.
   */
  tangentTensor(tensor: Tensor): Tensor | null {
    return this.tangents.get(tensor) ?? null;
  }

  /** The tangents of a tensor, zeros when it does not move. */
  movingTangent(tensor: Tensor): Tensor {
    const known = this.tangents.get(tensor);
    if (known !== undefined) return known;
    const { tangent } = this.tangentTarget(tensor, false);
    this.trace.call(fill, { y: tangent.data }, { n: tangent.data.length, value: 0, accumulate: 0 });
    return tangent;
  }

  /** For an operation that carries no tangents: says so rather than lose them. */
  refuseTangents(operation: string, ...inputs: readonly Tensor[]): void {
    this.onForward(() => {
      if (inputs.some((input) => this.tangents.has(input)))
        throw new Error(`${operation} carries no tangents`);
    });
  }

  /** @param array [rows, directions, cols] */
  setTangent(tensor: Tensor, array: DeviceArray, directions: number): void {
    if (this.tangents.size > 0 && directions !== this.directions)
      throw new Error(`${tensor.data.label} moves in ${directions} directions, others in ${this.directions}`);
    this.directions = directions;
    this.tangents.set(tensor, this.constant(array, tensor.rows * directions, tensor.cols));
  }

  /**
   * Memory for the tangents of a tensor, and whether it holds none yet.
   * @param needsGradient whether they depend on anything that is trained or asked for
   */
  tangentTarget(tensor: Tensor, needsGradient: boolean): { tangent: Tensor; clear: number } {
    const known = this.tangents.get(tensor);
    if (known !== undefined) return { tangent: known, clear: 0 };
    const rows = tensor.rows * this.directions;
    const label = `tangents of ${tensor.data.label}`;
    const tangent = this.result(rows, tensor.cols, label, needsGradient);
    this.tangents.set(tensor, tangent);
    return { tangent, clear: 1 };
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
