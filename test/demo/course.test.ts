/** The page's training over rounds: a family that reflows does so in the page as well. */
import { type Course, createEngine, type Engine, placeOf, Sampler } from 'tributary-engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCourse, takeSteps, wholeState } from '../../demo/src/lab/course.js';
import type { Saved } from '../../demo/src/lab/messages.js';
import {
  configOf,
  datasetOf,
  labelsOf,
  type ModelChoice,
  stageOf,
  tableOf,
} from '../../demo/src/lab/recipe.js';

const CHOICE: ModelChoice = {
  data: '8gaussians',
  custom: '',
  family: 'rectified-flow',
  path: '',
  gamma: '',
  head: '',
  coupling: '',
  conditional: false,
  hidden: 16,
  seed: 3,
};
const dataset = datasetOf(CHOICE);
const config = configOf(CHOICE, dataset);

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.destroy());

async function trainTo(course: Course, step: number): Promise<number[]> {
  const steps: number[] = [];
  while (course.step < step)
    steps.push(...(await takeSteps(course, Math.min(128, step - course.step))).map((one) => one.step));
  return [...steps, ...(await course.flush()).map((one) => one.step)];
}

const saved = async (course: Course): Promise<Saved> => ({
  ...(await wholeState(course)),
  step: course.step,
  whole: true,
  history: { loss: [], excess: [], evaluation: null, memorising: null },
});

/** Mean squared distance between one Euler step's end and that of 64 Heun steps, from the same noise. */
async function bend(course: Course): Promise<number> {
  const { model, optimizer } = course.trainer;
  const ends: Float64Array[] = [];
  for (const [solver, steps] of [
    ['euler', 1],
    ['heun', 64],
  ] as const) {
    const table = tableOf(config, { solver, steps, epsilon: 1, diffusion: 'sigma', guidance: 1 });
    const sampler = await Sampler.create(engine, model, model.store.view(optimizer.average), table, 5, 500);
    const labels = labelsOf(config, 500, -1);
    ends.push((await sampler.sample({ n: 500, ...(labels ? { labels } : {}) })).points);
    sampler.destroy();
  }
  return ends[0].reduce((sum, value, i) => sum + (value - ends[1][i]) ** 2, 0) / 500;
}

describe('rounds', () => {
  const end = placeOf(config, 1e9).before;

  it('are counted from the first step of the run', () => {
    expect([0, 1, end, end + 1, 9 * end].map((step) => stageOf(config, step))).toEqual([0, 0, 0, 1, 1]);
    const plain = configOf({ ...CHOICE, family: 'flow-matching' }, dataset);
    expect(stageOf(plain, 9 * end)).toBe(0);
  });

  it('rectified flow learns from its own pairs, which straightens its paths, and goes on to the bit', async () => {
    const course = await openCourse(engine, config, dataset, null);
    const first = await trainTo(course, end);
    expect(first).toEqual(Array.from({ length: end }, (_, i) => i + 1));
    expect(course.monitor).not.toBeNull();
    const bent = await bend(course);
    const atEnd = await saved(course);

    const second = await trainTo(course, end + 300);
    expect(second).toEqual(Array.from({ length: 300 }, (_, i) => end + i + 1));
    // Pairs are no independent draws: the oracle's field is not theirs.
    expect(course.monitor).toBeNull();
    const inside = await saved(course);
    await trainTo(course, end + 600);
    expect(await bend(course)).toBeLessThan(bent / 4);

    const whole = (await wholeState(course)).bytes;
    for (const start of [atEnd, inside]) {
      const again = await openCourse(engine, config, dataset, start);
      expect(again.step).toBe(start.step);
      await trainTo(again, end + 600);
      expect(Buffer.compare((await wholeState(again)).bytes, whole)).toBe(0);
      again.destroy();
    }
    course.destroy();
  });

  it('does not go on in a later round without the model of the one before', async () => {
    const course = await openCourse(engine, config, dataset, null);
    const state = { ...(await saved(course)), step: end + 1 };
    course.destroy();
    await expect(openCourse(engine, config, dataset, state)).rejects.toMatchObject({
      code: 'bad-checkpoint',
    });
  });
});
