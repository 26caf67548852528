/** Whatever an address asks for is a model that trains and moves particles, or one line that says why not. */
import {
  createEngine,
  createTrainer,
  type Dataset,
  type Engine,
  familyByName,
  isInterpolant,
  type RunConfig,
  Sampler,
  TributaryError,
} from 'tributary-engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  besides,
  modelChoice,
  NO_MACHINE,
  rivalChoices,
  sampleChoice,
  usableColour,
} from '../../demo/src/choices.js';
import { lostWords } from '../../demo/src/lab/lost.js';
import {
  configOf,
  datasetOf,
  JUDGE,
  labelsOf,
  type ModelChoice,
  ownParts,
  refusal,
  type SampleChoice,
  shownConfig,
  stirring,
  tableOf,
  whyNot,
} from '../../demo/src/lab/recipe.js';
import { extentOf } from '../../demo/src/scene/overlays.js';
import { Spread } from '../../demo/src/scene/spread.js';
import { DEFAULTS, hashOf, type State, stateOf } from '../../demo/src/state.js';
import { addresses } from './addresses.js';

/** The page's own answer to data that are cut short: the usual ones. */
function usable(state: State): { state: State; dataset: Dataset } {
  try {
    return { state, dataset: datasetOf(state) };
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    const usual = { ...state, data: DEFAULTS.data, custom: '' };
    return { state: usual, dataset: datasetOf(usual) };
  }
}

const isLine = (text: string) => text.length > 0 && text.length < 400 && !text.includes('\n');

/** As the page's config, but for shapes: the walk is about what may be asked for. */
const tiny = (config: RunConfig): RunConfig => ({
  ...config,
  batch: 16,
  network: { ...config.network, hidden: 8, inner: 8, pointFrequencies: 2 },
});

const N = 4;

/** One step of training, and particles of it moved as asked and as they are judged. */
async function run(
  engine: Engine,
  choice: ModelChoice,
  dataset: Dataset,
  samplings: readonly SampleChoice[],
) {
  const config = tiny(configOf(choice, dataset));
  const trainer = await createTrainer(engine, config, dataset);
  const said: string[] = [];
  try {
    const [{ losses }] = [...(await trainer.train(1)), ...(await trainer.flush())];
    expect(Object.values(losses).every(Number.isFinite)).toBe(true);
    const { model } = trainer;
    for (const sampling of samplings) {
      try {
        const { seed } = sampling;
        const sampler = isInterpolant(config)
          ? await Sampler.create(engine, model, model.store, tableOf(config, sampling), seed, N)
          : await familyByName(config.family).generator({ config, model }, { seed, tile: N });
        const labels = labelsOf(config, N, sampling.label);
        const { points } = await sampler.sample({ n: N, ...(labels ? { labels } : {}) });
        sampler.destroy();
        const lost = lostWords(points);
        if (lost !== null) said.push(lost.words);
      } catch (error) {
        expect(error).toBeInstanceOf(TributaryError);
        said.push((error as Error).message);
      }
    }
  } finally {
    trainer.destroy();
  }
  return said;
}

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ threads: 1 });
});
afterAll(() => engine.destroy());

describe('2000 addresses of all keys and values', () => {
  it('each is a model that runs, or one line', async () => {
    const [runs, refusals, lines] = [new Set<string>(), new Set<string>(), new Set<string>()];
    for (const address of addresses(2000, 1)) {
      const bad: string[] = [];
      const read = stateOf(`#${address}`, (words) => bad.push(words));
      expect(Object.keys(read), address).toEqual(Object.keys(DEFAULTS));
      // What is read is what is written.
      const { state, dataset } = usable(read);
      const again = stateOf(hashOf(state));
      expect(hashOf(again), address).toBe(hashOf(state));
      usableColour(state);
      const models = [modelChoice(state), ...(state.view === 'compare' ? rivalChoices(state) : [])];
      for (const [at, choice] of models.entries()) {
        // What surrounds a model is there whether or not it can be had.
        const config = shownConfig(choice, dataset);
        const spread = new Spread(config, dataset.points, extentOf(dataset.points), 0.1);
        expect([spread.widthAt(0.5), spread.densityAt(1)].every(Number.isFinite), address).toBe(true);
        ownParts(choice, dataset);
        const halves = at === 0 && besides(state, config) ? [false, true] : [false];
        const samplings = halves.map((sde) => sampleChoice(state, NO_MACHINE, choice, dataset, sde));
        for (const sampling of samplings) {
          stirring(config, sampling);
          expect(refusal(config, sampling), address).not.toMatch(/\n/);
        }
        const obstacle = whyNot(choice, dataset);
        if (obstacle !== '') {
          expect(isLine(obstacle), `${address}: ${obstacle}`).toBe(true);
          refusals.add(obstacle.split('. With ')[0]);
          continue;
        }
        const judge = { ...samplings[0], ...JUDGE, label: -1 };
        const same = JSON.stringify([{ ...choice, hidden: 0, seed: 0, custom: '' }, samplings]);
        if (runs.has(same)) continue;
        runs.add(same);
        const said = await run(engine, choice, dataset, [...samplings, judge]).catch((error: unknown) => {
          throw new Error(`${address}: ${error}`, { cause: error });
        });
        for (const line of said) {
          expect(isLine(line), `${address}: ${line}`).toBe(true);
          lines.add(line);
        }
      }
    }
    expect(runs.size).toBeGreaterThan(300);
    expect(refusals.size).toBeGreaterThan(5);
  });
});
