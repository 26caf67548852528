import type { CounterRandom } from '../random/random.js';
import type { Law } from './law.js';
import { type Tensors, tensor, tensorOf } from './tensors.js';
import type { ClassPoints } from './training_points.js';

/** The training points, drawn with replacement: what a model that memorises comes to. */
class TrainingSetLaw implements Law {
  readonly words = 1;
  readonly facts: Record<string, number>;

  /** @param points [n, d] */
  constructor(
    private readonly points: Float64Array,
    readonly dim: number,
  ) {
    this.facts = { points: points.length / dim };
  }

  draw(random: CounterRandom, element: number, out: Float64Array, at: number): void {
    const { points, dim } = this;
    const row = random.integer(element, points.length / dim);
    for (let i = 0; i < dim; i++) out[at + i] = points[row * dim + i];
  }

  tensors(): Tensors {
    const { points, dim } = this;
    return new Map([['points', tensor(points, points.length / dim, dim)]]);
  }
}

export const fitTrainingSet = ({ points, dim }: ClassPoints): Law => new TrainingSetLaw(points, dim);

/** @throws bad-checkpoint */
export function trainingSetFrom(tensors: Tensors): Law {
  const { shape, values } = tensorOf(tensors, 'points', 2);
  return new TrainingSetLaw(values, shape[1]);
}
