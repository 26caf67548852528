/** The model of the page, and those that it is compared with. */
import { Lesson, type LessonEvent } from './lesson.js';
import type { BackendChoiceName } from './names.js';
import { choiceKey, type ModelChoice } from './recipe.js';
import { shippedModel } from './shipped.js';

export class Lessons {
  readonly first: Lesson;
  /** None until somebody compares. */
  others: Lesson[] = [];

  constructor(private readonly onEvent: (lesson: Lesson, event: LessonEvent) => void) {
    this.first = this.make();
  }

  private make(): Lesson {
    const lesson: Lesson = new Lesson(shippedModel, (event) => this.onEvent(lesson, event));
    return lesson;
  }

  /** Those that were learning when the comparison was left. */
  private resting: Lesson[] = [];

  /** The others stop while nobody sees them: they would slow down what is seen. */
  rest(): void {
    this.resting = this.others.filter(({ running }) => running);
    for (const lesson of this.resting) lesson.pause();
  }

  /** They go on where they were. */
  resume(): void {
    for (const lesson of this.resting.splice(0))
      if (this.others.includes(lesson)) lesson.train(lesson.target);
  }

  /** Opens the models of the comparison, as many as are chosen; one that is open already goes on. */
  compare(choices: readonly ModelChoice[], backend: BackendChoiceName, target: number): void {
    for (const surplus of this.others.splice(choices.length)) surplus.destroy();
    while (this.others.length < choices.length) this.others.push(this.make());
    choices.forEach((choice, i) => {
      const lesson = this.others[i];
      if (lesson.key !== choiceKey(choice)) void lesson.open(choice, backend, target);
    });
  }
}
