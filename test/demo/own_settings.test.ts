/** Every family of the registry on the page, one that the page has never heard of among them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildModel,
  Course,
  createEngine,
  type Engine,
  encodeModel,
  type Family,
  interpolantNames,
  loadModel,
  type RunConfig,
  type Setting,
  settingFromText,
} from 'tributary-engine';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  modelChoice,
  NO_MACHINE,
  sampleChoice,
  usableColour,
  usualSampling,
} from '../../demo/src/choices.js';
import { choiceKey, configOf, datasetOf, shownConfig, whyNot } from '../../demo/src/lab/recipe.js';
import { generatorOf, jumped, jumpPlace } from '../../demo/src/lab/way.js';
import { namesOf, ownDescription, ownText, ownValues, pageFamilies } from '../../demo/src/own_settings.js';
import { badAddress, DEFAULTS, hashOf, KNOWN, type State, stateOf } from '../../demo/src/state.js';
import type { vae } from '../../src/families/vae.js';

/** In place of one that somebody adds to the registry tomorrow: a vae whose settings have keys of the page's own. */
const { TOY, TOY_SETTINGS } = vi.hoisted(() => ({
  TOY: 'tomorrow',
  TOY_SETTINGS: {
    latent: { kind: 'number', usual: 2, whole: true, least: 1, most: 9, help: 'latent coordinates' },
    seed: { kind: 'choice', usual: 'wheat', names: ['wheat', 'barley'], help: 'what is sown' },
    wet: { kind: 'flag', usual: false, help: 'whether it rains' },
  },
}));

// The page's library is the built one: here it is that of the sources, with another registry.
vi.mock('tributary-engine', () => import('../../src/index.js'));
vi.mock('../../src/families/registry.js', async (original) => {
  const real = await original<typeof import('../../src/families/registry.js')>();
  const base = real.familyByName('vae') as unknown as typeof vae;
  const of = ({ settings, ...run }: RunConfig<{ latent: number }>) => ({
    ...run,
    settings: { ...base.usual({ sigma: 1, spread: 1, distance: 0 }), latent: settings.latent },
  });
  const toy = {
    ...{ ...base, name: TOY, settings: TOY_SETTINGS },
    usual: () => ({ latent: 2, seed: 'wheat', wet: false }),
    check: () => undefined,
    model: (run: RunConfig<{ latent: number }>) => base.model(of(run)),
    stages: (run: RunConfig<{ latent: number }>) => base.stages(of(run)),
    generator: (
      { config, model }: Parameters<typeof base.generator>[0],
      options: Parameters<typeof base.generator>[1],
    ) => base.generator({ config: of(config), model }, options),
  } as unknown as Family;
  return {
    ...real,
    familyNames: [...real.familyNames, TOY],
    familyByName: (name: string) => (name === TOY ? toy : real.familyByName(name)),
  };
});

const stateWith = (change: Partial<State>): State => ({ ...DEFAULTS, data: 'moons', hidden: 16, ...change });

/** Another value than the usual one that a description allows, as an address writes it. */
function other(setting: Setting, usual: unknown): string {
  switch (setting.kind) {
    case 'flag':
      return String(!usual);
    case 'choice':
      return namesOf(setting).find((name) => name !== usual) ?? String(usual);
    case 'number': {
      const { least = setting.above ?? -10, most = setting.below ?? 10, whole } = setting;
      const middle = (least + Math.min(most, least + 8)) / 2;
      return String(whole ? Math.round(middle) + (Math.round(middle) === usual ? 1 : 0) : middle);
    }
    default:
      return String(usual);
  }
}

describe('families on the page', () => {
  it('are those of the registry: none is named in its sources but those that a first visit shows', () => {
    expect(KNOWN.family).toEqual(pageFamilies);
    expect(pageFamilies).toContain(TOY);
    const root = 'demo/src';
    const files = readdirSync(root, { recursive: true }).map(String);
    const names = pageFamilies.filter((name) => !interpolantNames.includes(name));
    for (const file of files.filter((one) => one.endsWith('.ts'))) {
      const text = readFileSync(join(root, file), 'utf8');
      for (const name of names) expect(text.includes(`'${name}'`), `${file}: ${name}`).toBe(false);
    }
  });

  it.each(pageFamilies)('%s: trainable by itself, and its settings go through an address', (family) => {
    const state = stateWith({ family });
    const choice = modelChoice(state);
    const dataset = datasetOf(choice);
    expect(whyNot(choice, dataset)).toBe('');
    const usual = configOf(choice, dataset).settings as Readonly<Record<string, unknown>>;
    const described = ownDescription(family);
    for (const [name, setting] of Object.entries(described)) {
      const text = other(setting, usual[name]);
      const value = settingFromText(name, setting, text);
      const settings = ownText(family, { [name]: value });
      const own = { ...state, settings };
      const bad: string[] = [];
      expect(
        stateOf(`#${hashOf(own)}`, (line) => bad.push(line)),
        name,
      ).toEqual(own);
      expect(bad).toEqual([]);
      expect(ownValues(family, settings)).toEqual({ [name]: value });
      // What cannot be together is refused in one line, and else it is what is trained.
      const changed = modelChoice(own);
      if (whyNot(changed, dataset) === '')
        expect((configOf(changed, dataset).settings as typeof usual)[name], name).toEqual(value);
      expect(shownConfig(changed, dataset).family).toBe(family);
      expect(choiceKey(changed)).not.toBe(choiceKey(choice));
    }
    expect(choiceKey(choice).split('|')).toHaveLength(9);
  });

  it('what a path alone has is left out of the others', () => {
    const state = stateWith({ family: 'vae', colour: 'speed', solver: 'euler-maruyama', steps: 7 });
    expect(usualSampling('vae')).toEqual({});
    expect(usableColour(state)).toBe('label');
    expect(usableColour({ ...state, conditional: false })).toBe('one');
    const choice = modelChoice(state);
    const move = (change: Partial<State>) =>
      sampleChoice({ ...state, ...change }, NO_MACHINE, choice, datasetOf(choice), false);
    expect(move({ solver: 'heun', steps: 90, epsilon: 3, guidance: 4 })).toEqual(move({}));
    expect(move({ n: 77 })).not.toEqual(move({}));
  });
});

describe('what an address says wrongly', () => {
  const said = (address: string) => {
    const lines: string[] = [];
    const state = stateOf(`#${address}`, (line) => lines.push(line));
    return { lines, state };
  };

  it('is said as a command line says it, with the nearest name, and the usual takes its place', () => {
    for (const [address, line] of [
      ['solver=huen', /^unknown solver 'huen': did you mean 'heun'\? valid names are /],
      ['steps=500', /^steps is 500; it must be a whole number from 1 to 200$/],
      ['steps=', /^steps is ""; it must be a whole number from 1 to 200$/],
      ['t=2', /^t is 2; it must be from 0 to 1$/],
      ['trails=maybe', /^trails is "maybe"; it must be true or false$/],
      ['familly=edm', /^unknown key "familly": did you mean "family"\?$/],
      ['family=vaee', /^unknown family 'vaee': did you mean 'vae'\?/],
      ['latent=2', /^unknown key "latent"/],
      ['family=vae&latent=2.5', /^latent is 2\.5; it must be a whole number from 1 to 4096$/],
      ['family=vae&variance=learnt', /^unknown variance 'learnt': did you mean 'learned'\?/],
      ['family=vae&laten=3', /^unknown key "laten": did you mean "latent"\?$/],
      ['family=vae&path=trig', /^vae has no path$/],
      ['settings=latent', /^unknown key "settings"/],
    ] as const) {
      const { lines, state } = said(address);
      expect(lines, address).toHaveLength(1);
      expect(lines[0], address).toMatch(line);
      const { family } = said(address.split('&')[0]).state;
      expect(state, address).toEqual({ ...DEFAULTS, family });
    }
    expect(badAddress(['a', 'b', 'c', 'd', 'e'])).toBe(
      'The address says what cannot be, and the usual takes its place: a · b · c · and 2 more.',
    );
  });

  it('a setting that has a key of the page’s own is told apart', () => {
    const { lines, state } = said(`family=${TOY}&seed=4&settings.seed=barley&wet=1&latent=3`);
    expect(lines).toEqual([]);
    expect(state).toMatchObject({ family: TOY, seed: 4 });
    expect(ownValues(TOY, state.settings)).toEqual({ latent: 3, seed: 'barley', wet: true });
    expect(stateOf(hashOf(state))).toEqual(state);
  });
});

describe('particles that jump', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine({ threads: 1 });
  });
  afterAll(() => engine.destroy());

  it.each(['vae', TOY])(
    '%s: learns, is opened from its file, and plays from noise to its samples',
    async (family) => {
      const state = stateWith({ family, settings: 'latent=1', n: 40 });
      const choice = modelChoice(state);
      const dataset = datasetOf(choice);
      const config = { ...configOf(choice, dataset), batch: 16 };
      const course = await Course.create(engine, config, dataset);
      await course.train(1);
      const bytes = encodeModel(course.trainer.model, await course.state(), config);
      course.destroy();
      const model = buildModel(engine, config);
      loadModel(model, bytes, 'the model');
      const sampling = sampleChoice(state, NO_MACHINE, choice, dataset, false);
      const generator = await generatorOf(config, model, bytes, sampling);
      expect([generator.jumps, generator.stepCount, generator.particleCount]).toEqual([true, 1, 40]);
      const labels = Uint32Array.from({ length: 40 }, (_, i) => i % 2);
      await generator.begin({ labels });
      const start = await engine.read(generator.particles);
      await generator.advance(1);
      const end = [...(await engine.read(generator.particles))];
      expect(end).not.toEqual([...start]);
      expect(end).toEqual([...(await generator.sample({ n: 40, labels })).points]);
      generator.destroy();
      model.destroy();
    },
  );

  it('rest at both ends, and are drawn between them', () => {
    expect([0, 0.3, 0.7, 1].map(jumped)).toEqual([0, 0, 1, 1]);
    expect(jumped(0.5)).toBeCloseTo(0.5, 12);
    expect(jumpPlace(0.1, 1)).toEqual({ begun: 0, resting: true });
    expect(jumpPlace(0.5, 1)).toEqual({ begun: 1, resting: false });
    expect(jumpPlace(1, 1)).toEqual({ begun: 1, resting: true });
    expect(jumpPlace(0.5, 4)).toEqual({ begun: 2, resting: true });
    expect(jumpPlace(0.6, 4)).toEqual({ begun: 3, resting: false });
  });
});
