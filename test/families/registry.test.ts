/** What has to hold of every family that the registry knows, those that are yet to be entered as well. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { trainingSet } from '../../src/data/dataset.js';
import { distributionByName } from '../../src/data/registry.js';
import { createEngine } from '../../src/engine.js';
import { defineFamily } from '../../src/families/own.js';
import { familyByName, familyNames } from '../../src/families/registry.js';
import { familyGroups } from '../../src/model/family.js';
import { parseRunConfig } from '../../src/run/config_file.js';
import { Course } from '../../src/run/course.js';
import { dataScale, runConfig } from '../../src/run/defaults.js';
import { familiesMarkdown, familyText } from '../../src/run/families_text.js';
import { stagesOf, totalSteps } from '../../src/run/stages.js';
import { noLikelihood, openModel } from '../../src/run/trained.js';
import { checkSettings, type Description } from '../../src/settings.js';
import { decodeTrainingState, encodeModel, encodeTrainingState } from '../../src/train/checkpoint.js';

let engine: Backend;
beforeAll(async () => {
  engine = await createEngine();
});
afterAll(() => engine.destroy());

// One of somebody's own, as the documentation shows it, has to do whatever the built-in ones do.
const shownFamily = '../../examples/own-family/energy_score.js';
defineFamily((await import(shownFamily)).default);

const dataset = trainingSet(distributionByName('8gaussians'), 60, 2);
const transform = { offset: [0.5, -1], scale: 2 };

const configOf = (family: string, conditional: boolean) =>
  runConfig<object>({
    family,
    data: {
      ...{ name: '8gaussians', rows: 60, dim: 2, ambient: 0, digest: '' },
      classes: conditional ? dataset.classes : 0,
    },
    transform,
    scale: dataScale(dataset.points, transform),
    network: { hidden: 8, inner: 8, blocks: 1, pointFrequencies: 2, timeFrequencies: 2, labelWidth: 2 },
    ...{ steps: 6, batch: 16, seed: 5 },
  });

/** A whole training, the engine's numbers after every `every` steps written down and read again. */
async function trained(family: string, conditional: boolean, every: number) {
  const config = configOf(family, conditional);
  let course = await Course.create(engine, config, dataset);
  for (;;) {
    while (course.step < course.stageEnd) {
      await course.train(every);
      const bytes = encodeTrainingState(course.model, await course.state());
      const { before } = course;
      course.destroy();
      course = await Course.create(engine, config, dataset, {
        from: decodeTrainingState(bytes, 'it'),
        before,
      });
    }
    if (course.finished) break;
    await course.nextStage();
  }
  const state = await course.state();
  const whole = encodeTrainingState(course.model, state);
  const model = encodeModel(course.model, state, config);
  course.destroy();
  return { config, whole, model };
}

describe.each(familyNames)('%s', (name) => {
  const family = familyByName(name);

  it('says what it is', () => {
    expect(familyGroups).toContain(family.group);
    for (const text of [family.summary, family.formula, family.source])
      expect(text.length).toBeGreaterThan(10);
    expect(familyText(name)).toContain(family.formula);
    const usual = family.usual({ sigma: 1, spread: 1, distance: 0 });
    expect(checkSettings('settings', family.settings as Description, usual)).toEqual(usual);
  });

  it('has a config that survives its file', () => {
    const config = configOf(name, true);
    expect(parseRunConfig(JSON.stringify(config), 'it')).toEqual(config);
    const steps = stagesOf(config).map(({ fit }) => (fit ? 1 : 6));
    expect(totalSteps(config)).toBe(steps.reduce((a, b) => a + b, 0));
  });

  // The pairs of a reflow are the same 20 000 for every interruption: three of its stages would take a minute.
  const every = stagesOf(configOf(name, false)).length > 1 ? 6 : 2;

  it.each([false, true])('goes on to the bit, conditional: %s', async (conditional) => {
    const once = await trained(name, conditional, 6);
    const often = await trained(name, conditional, every);
    expect(Buffer.compare(once.whole, often.whole)).toBe(0);
    const model = await openModel(engine, once.model);
    try {
      expect(model.config).toEqual(once.config);
      const labels = conditional ? { labels: Uint32Array.from({ length: 30 }, (_, i) => i % 8) } : {};
      const draw = (tile: number) => model.sample({ n: 30, seed: 4, tile, ...labels });
      const { points } = await draw(30);
      expect(points.every(Number.isFinite)).toBe(true);
      // However many are drawn together, and the first of many as well.
      expect((await draw(7)).points).toEqual(points);
      // Drawn with replacement from 60, as the training set is, 30 points have some 47 numbers.
      expect(new Set(points).size).toBeGreaterThan(35);
      if (noLikelihood(model.config) !== null) return;
      const judged = dataset.points.slice(0, 20);
      const own = conditional ? { labels: dataset.labels.slice(0, 10) } : {};
      const likelihood = await model.likelihood(judged, { seed: 3, settings: { steps: 3 }, ...own });
      if (likelihood.kind === 'none') throw new Error(likelihood.why);
      expect(likelihood.nats).toHaveLength(10);
      expect(likelihood.nats.every(Number.isFinite)).toBe(true);
      expect(likelihood.kind).toBe(model.method()[1].kind);
    } finally {
      model.destroy();
    }
  });
});

it('docs/families.md says what the registry knows', () => {
  // Of built-in ones alone, whoever else is known.
  expect(readFileSync('docs/families.md', 'utf8'), 'run npm run docs:families').toBe(familiesMarkdown());
});
