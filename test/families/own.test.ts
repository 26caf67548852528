/** A family that somebody else has written: what is wrong with it is said in one line, and never as a raw error. */
import { describe, expect, it } from 'vitest';
import { trainingSet } from '../../src/data/dataset.js';
import { distributionByName } from '../../src/data/registry.js';
import { createEngine } from '../../src/engine.js';
import { TributaryError } from '../../src/errors.js';
import { defineFamily, type OwnFamily } from '../../src/families/own.js';
import { familyByName, familyNames, ownFamilyNames } from '../../src/families/registry.js';
import { networkOf } from '../../src/model/shape.js';
import { Course } from '../../src/run/course.js';
import { runConfig } from '../../src/run/defaults.js';
import { RecordedGenerator } from '../../src/samplers/recorded.js';

const settings = { width: { kind: 'number', usual: 2, least: 1, most: 9, help: 'of the noise' } } as const;

const good: OwnFamily<typeof settings> = {
  name: 'toy',
  summary: 'a network of noise',
  settings,
  model: (run) => ({
    networks: { generator: { ...networkOf(run, { dim: 2, outputs: 2 }), timed: false, outputGain: 1 } },
  }),
  stages: () => [
    {
      name: 'only',
      phases: [
        {
          name: 'only',
          trains: ['generator'],
          record: (step) => ({ loss: step.net('generator')(step.normal(step.rows, 2)) }),
        },
      ],
    },
  ],
  generator: ({ config, model }, options) =>
    RecordedGenerator.create(model, { ...config.data, evaluations: 1 }, options, (drawing) =>
      drawing.net('generator')(drawing.normal(2)),
    ),
};

const defined = (changes: object) => defineFamily({ ...good, ...changes } as never);

function refused(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(TributaryError);
    expect((error as TributaryError).code).toBe('bad-input');
    expect((error as Error).message).not.toContain('\n');
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

const configOf = (name: string) =>
  runConfig<object>({
    family: name,
    data: { name: 'moons', rows: 20, dim: 2, ambient: 0, classes: 0, digest: '' },
    transform: { offset: [0, 0], scale: 1 },
    network: { hidden: 4, inner: 4, blocks: 1 },
    ...{ steps: 2, batch: 4 },
  });

describe('defineFamily', () => {
  it('makes a name known, once and last, with what was left out as it usually is', () => {
    defineFamily(good);
    defineFamily(good);
    expect(ownFamilyNames()).toEqual(['toy']);
    expect(familyNames.at(-1)).toBe('toy');
    const family = familyByName('toy');
    expect(family).toMatchObject({ group: 'own', likelihood: {} });
    expect(family.usual({ sigma: 1, spread: 1, distance: 0 })).toEqual({ width: 2 });
  });

  it.each<[string, object, RegExp]>([
    [
      'a name that is none',
      { name: 'My Family' },
      /name of a family is "My Family"; it must be small letters/,
    ],
    ['no name', { name: undefined }, /name of a family is missing/],
    ['a name that is taken', { name: 'vae' }, /the name vae is that of a built-in family/],
    [
      'an unknown key',
      { sumary: 'x' },
      /unknown key "a family.sumary": did you mean "a family.summary"|did you mean "summary"/,
    ],
    ['no summary', { summary: '' }, /summary of the family toy is ""; it must be a line of text/],
    ['no model', { model: undefined }, /model of the family toy is missing; it must be a function/],
    ['stages that are none', { stages: [] }, /stages of the family toy is \[\]; it must be a function/],
    ['a generator that is none', { generator: 3 }, /generator of the family toy is 3; it must be a function/],
    ['an unknown group', { group: 'best' }, /group of the family toy is "best"; it must be one of/],
    [
      'a default out of its range',
      { settings: { width: { ...settings.width, usual: 10 } } },
      /settings of the family toy width is 10; it must be from 1 to 9/,
    ],
  ])('refuses %s', (_, changes, message) => {
    expect(refused(() => defined(changes))).toMatch(message);
  });

  it.each<[string, object, RegExp]>([
    [
      'a model that throws',
      { model: () => (undefined as never as { x: { y: 1 } }).x.y },
      /the family toy, model: Cannot read properties of undefined.* \(own\.test\.ts:\d+\)/,
    ],
    [
      'a model of nothing',
      { model: () => undefined },
      /the family toy, model gave networks missing; it must give one a role/,
    ],
    ['a network of the wrong width', { model: () => ({ networks: { a: { dim: -1 } } }) }, /-1|network/],
    [
      'stages of nothing',
      { stages: () => [] },
      /the family toy, stages gave \[\]; it must give a list of stages/,
    ],
    [
      'a stage without phases',
      { stages: () => [{ name: 'one' }] },
      /the family toy, stages, stage one has phases missing/,
    ],
  ])('a run says in one line what is wrong with %s', async (_, changes, message) => {
    defined(changes);
    const engine = await createEngine();
    const dataset = trainingSet(distributionByName('moons'), 20, 0);
    try {
      await expect(Course.create(engine, configOf('toy'), dataset)).rejects.toThrow(TributaryError);
      await expect(Course.create(engine, configOf('toy'), dataset)).rejects.toThrow(message);
    } finally {
      engine.destroy();
      defineFamily(good);
    }
  });

  it('a loss that throws says so with its place', async () => {
    const record = () => {
      throw new TypeError('x is not a function');
    };
    defined({ stages: () => [{ name: 'only', phases: [{ name: 'own', trains: ['generator'], record }] }] });
    const engine = await createEngine();
    try {
      const dataset = trainingSet(distributionByName('moons'), 20, 0);
      await expect(Course.create(engine, configOf('toy'), dataset)).rejects.toThrow(
        /^the family toy, stages, stage only, record of own: x is not a function \(own\.test\.ts:\d+\)$/,
      );
    } finally {
      engine.destroy();
      defineFamily(good);
    }
  });

  it('a name that is not known says how one of your own is given', () => {
    expect(refused(() => familyByName('nobodys'))).toMatch(
      /one of your own is known once its module is given, as --family \.\/mine\.js/,
    );
  });
});
