import { badInput } from '../errors.js';
import type { Combination, Field, FieldAt } from './field.js';
import { Terms } from './terms.js';

/** One evaluation of one network. */
export interface Evaluation {
  /** Which of the field's heads. */
  readonly head: number;
  /** Whether the network is told "no label" instead of the particle's own. */
  readonly unlabelled: boolean;
}

/** What an evaluation sees. */
export interface EvaluationInput {
  readonly time: number;
  readonly point: Terms;
}

export const sameEvaluation = (a: Evaluation, b: Evaluation): boolean =>
  a.head === b.head && a.unlabelled === b.unlabelled;

/**
 * One step of a solver while it is written down: the solver asks for the field at times and points, and combines
 * what it gets. All steps of a table make the same evaluations; one that needs fewer leaves some unused.
 */
export class StepBuilder {
  readonly evaluations: Evaluation[] = [];
  readonly inputs: EvaluationInput[] = [];
  private readonly known = new Map<string, Terms>();
  private readonly pointNumbers = new Map<Terms, number>();
  private cursor = 0;
  /** The particles after the step. */
  result: Terms | null = null;
  /** What the next step finds as `previous`. */
  kept: Terms | null = null;

  /**
   * @param guidance w in u + w (c − u), c with and u without the label; 1 is off
   * @param structure the evaluations that the longest step makes, where they are known
   */
  constructor(
    private readonly field: Field,
    private readonly guidance: number,
    private readonly structure: readonly Evaluation[] | null,
  ) {}

  at(t: number): FieldAt {
    return this.field.at(t);
  }

  /** b(t, point) */
  velocity(t: number, point: Terms): Terms {
    const now = this.field.at(t);
    return this.combine(now, now.velocity, t, point);
  }

  /** dX/du(t, point) in the field's clock. */
  motion(t: number, point: Terms): Terms {
    const now = this.field.at(t);
    return this.combine(now, now.motion, t, point);
  }

  /** s(t, point). @throws TributaryError('bad-input') for a model without one */
  score(t: number, point: Terms): Terms {
    const now = this.field.at(t);
    if (now.score === null) badInput(this.field.withoutScore ?? 'this model has no score');
    return this.combine(now, now.score, t, point);
  }

  /** E[x1 | x_t = point]. @throws TributaryError('bad-input') for a model whose heads do not give it */
  data(t: number, point: Terms): Terms {
    const now = this.field.at(t);
    if (now.data === null)
      badInput(
        'this model does not know the data behind a point: it takes a one-sided interpolant, or a denoiser',
      );
    return this.combine(now, now.data, t, point);
  }

  /** E[x0 | x_t = point] of a one-sided model, or of one whose heads give it. */
  base(t: number, point: Terms): Terms {
    const now = this.field.at(t);
    if (now.base === null) badInput('this model does not tell the base behind a point');
    return this.combine(now, now.base, t, point);
  }

  /** η(t, point) of a two-sided model. */
  noise(t: number, point: Terms): Terms {
    const now = this.field.at(t);
    if (now.noise === null) badInput(this.field.withoutScore ?? 'this model does not tell its noise');
    return this.combine(now, now.noise, t, point);
  }

  private combine(now: FieldAt, { x, heads }: Combination, t: number, point: Terms): Terms {
    let sum = point.times(x);
    heads.forEach((factor, head) => {
      if (factor !== null) sum = sum.plus(this.output(now, head, t, point), factor);
    });
    return sum;
  }

  /** A network's output, guided where that is asked for. */
  private output(now: FieldAt, head: number, t: number, point: Terms): Terms {
    if (!this.pointNumbers.has(point)) this.pointNumbers.set(point, this.pointNumbers.size);
    const key = `${head} ${t} ${this.pointNumbers.get(point)}`;
    const known = this.known.get(key);
    if (known) return known;
    const input = { time: now.time, point: point.times(now.input) };
    const own = this.guidance === 0 ? null : this.evaluate({ head, unlabelled: false }, input);
    const none = this.guidance === 1 ? null : this.evaluate({ head, unlabelled: true }, input);
    const terms = (own?.times(this.guidance) ?? Terms.zero).plus(none ?? Terms.zero, 1 - this.guidance);
    this.known.set(key, terms);
    return terms;
  }

  private evaluate(evaluation: Evaluation, input: EvaluationInput): Terms {
    if (this.structure === null) {
      this.evaluations.push(evaluation);
      this.inputs.push(input);
      return Terms.slot(this.evaluations.length - 1);
    }
    // Passed over are evaluations of longer steps: their outputs have no weight here, so any input will do.
    while (this.cursor < this.structure.length && !sameEvaluation(this.structure[this.cursor], evaluation))
      this.passOver();
    if (this.cursor === this.structure.length) throw new Error('a step makes evaluations that others do not');
    this.inputs.push(input);
    return Terms.slot(this.cursor++);
  }

  private passOver(): void {
    this.inputs.push(this.inputs[0] ?? { time: this.field.range.low, point: Terms.x });
    this.cursor++;
  }

  /** Fills up to the evaluations of the longest step. */
  finish(): void {
    if (this.structure === null) return;
    while (this.cursor < this.structure.length) this.passOver();
  }
}
