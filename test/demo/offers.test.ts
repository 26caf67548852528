/** What the page offers can be done: every choice that is not disabled leads to a table of steps. */
import { describe, expect, it } from 'vitest';
import { modelChoice, NO_MACHINE, sampleChoice, usableColour } from '../../demo/src/choices.js';
import { drawnLogDensity, EXTENT, encodeDensity, GRID } from '../../demo/src/data/custom.js';
import { configOf, datasetOf, refusal, stirring, tableOf, whyNot } from '../../demo/src/lab/recipe.js';
import { CUSTOM, DEFAULTS, type State } from '../../demo/src/state.js';
import {
  asInterpolant,
  diffusionNames,
  gammaNames,
  headNames,
  interpolantNames,
  pathNames,
  solverByName,
  tableSolverNames,
} from '../../src/index.js';

const dataset = datasetOf({ data: 'moons', custom: '', seed: 0 });
const stateWith = (change: Partial<State>): State => ({ ...DEFAULTS, data: 'moons', ...change });

/** Every family by itself, and with each other path, γ and head that it is offered with; the same ones once. */
const models = [
  ...new Map(
    interpolantNames
      .flatMap((family) => [
        { family },
        ...pathNames.map((path) => ({ family, path })),
        ...gammaNames.map((gamma) => ({ family, gamma })),
        ...headNames.map((head) => ({ family, head })),
      ])
      .map(stateWith)
      .filter((state) => whyNot(modelChoice(state), dataset) === '')
      .map((state) => {
        const config = asInterpolant(configOf(modelChoice(state), dataset));
        const key = JSON.stringify([
          state.family,
          config.settings.path,
          config.settings.gamma,
          config.settings.heads,
        ]);
        return [key, { state, config }];
      }),
  ).values(),
];

describe('what the page offers', () => {
  it('the engine takes: models × solvers × ODE and SDE × ε(t) × scales × steps', () => {
    const refused = new Set<string>();
    const replaced = new Set<string>();
    let walked = 0;
    for (const { state, config } of models) {
      const model = modelChoice(state);
      const hasSde = refusal(config, { solver: 'euler-maruyama' }) === '';
      const seen = new Set<string>();
      for (const solver of tableSolverNames) {
        const { stochastic, freeDiffusion: own } = solverByName(solver);
        for (const sde of hasSde ? [false, true] : [false]) {
          // Where ε(t) says nothing one stands for all; beside an ODE, all are Euler–Maruyama's.
          const free = own || (sde && solver === DEFAULTS.solver);
          for (const diffusion of free ? diffusionNames : diffusionNames.slice(0, 1)) {
            for (const [epsilon, steps] of [
              [0, 3],
              [1, 1],
              [3, 2],
            ]) {
              const asked = { ...state, solver, sde, diffusion, epsilon, steps };
              const sampling = sampleChoice(asked, NO_MACHINE, model, dataset, sde);
              const key = JSON.stringify(sampling);
              if (seen.has(key)) continue;
              seen.add(key);
              walked++;
              const name = `${state.family} ${state.path}${state.gamma}${state.head} ${solver} ${diffusion} ${epsilon} ${steps}`;
              try {
                tableOf(config, sampling);
              } catch (error) {
                refused.add(`${name}: ${error}`);
              }
              // What is not disabled is what is used.
              const { freeDiffusion } = solverByName(sampling.solver);
              if (!sde && refusal(config, { solver }) === '' && sampling.solver !== solver)
                replaced.add(name);
              if (sde && stochastic && refusal(config, { solver }) === '' && sampling.solver !== solver)
                replaced.add(name);
              if (freeDiffusion && refusal(config, { solver: sampling.solver, diffusion }) === '')
                if (sampling.diffusion !== diffusion) replaced.add(name);
            }
          }
        }
      }
    }
    expect([...refused]).toEqual([]);
    expect([...replaced]).toEqual([]);
    expect(walked).toBeGreaterThan(1000);
  });

  it('λ is refused to two-sided models, in the engine’s own words', () => {
    const [one, two] = ['flow-matching', 'stochastic-interpolant'].map((family) =>
      configOf(modelChoice(stateWith({ family })), dataset),
    );
    const move = { solver: 'euler-maruyama', diffusion: 'lambda' };
    expect(refusal(one, move)).toBe('');
    expect(refusal(two, move)).toBe('lambda belongs to one-sided interpolants');
    expect(refusal(two, { solver: 'ddim' })).toBe('ddim is made for one-sided interpolants');
  });

  it('ε(t) is said as it is used: not 0 where decreasing has no scale, capped where steps are long', () => {
    const config = configOf(modelChoice(stateWith({ family: 'flow-matching' })), dataset);
    const used = (diffusion: string, epsilon: number, steps: number) =>
      stirring(config, { solver: 'euler-maruyama', diffusion, epsilon, steps, guidance: 1 })!;
    // ¼ (0 · cos πt + 1)²
    expect(used('decreasing', 0, 400).most).toBeCloseTo(0.25, 6);
    expect(used('sigma', 0, 24)).toEqual({ most: 0, held: 0, steps: 24 });
    // At most a quarter of the variance, 1 at the start, a step of 1/10: 2.5.
    const capped = used('constant', 5, 10);
    expect(capped.most).toBeCloseTo(2.5, 3);
    expect(capped.held).toBe(10);
    // From 0.125 of the least variance on, the steps of 1/1000 hold a constant of 1 down at the very end alone.
    const free = used('constant', 1, 1000);
    expect(free.most).toBeCloseTo(1, 6);
    expect(free.held).toBeGreaterThan(0);
    expect(free.held).toBeLessThan(100);
  });

  it('ε leaves the ODE alone', () => {
    const state = stateWith({ sde: true });
    const of = (change: Partial<State>, sde: boolean) => {
      const now = { ...state, ...change };
      return sampleChoice(now, NO_MACHINE, modelChoice(now), dataset, sde);
    };
    for (const change of [{ epsilon: 2 }, { diffusion: 'linear' }]) {
      expect(of(change, false)).toEqual(of({}, false));
      expect(of(change, true)).not.toEqual(of({}, true));
    }
  });

  it('colours fall back to what the data have', () => {
    expect(usableColour(stateWith({ data: 'pinwheel', colour: 'logp' }))).toBe('label');
    expect(usableColour(stateWith({ data: 'pinwheel', colour: 'logp', conditional: false }))).toBe('one');
    expect(usableColour(stateWith({ colour: 'label', conditional: false }))).toBe('one');
    expect(usableColour(stateWith({ colour: 'logp' }))).toBe('logp');
    const custom = { data: CUSTOM, colour: 'logp' as const };
    expect(usableColour(stateWith({ ...custom, custom: 'g.AAAA' }))).toBe('logp');
    expect(usableColour(stateWith({ ...custom, custom: 'p.0.0.1.1.AAAA' }))).toBe('one');
  });

  it('a drawing has the density that it was drawn with', () => {
    // A quarter of the square twice as dense as another quarter, the rest empty.
    const half = GRID / 2;
    const cells = Array.from({ length: GRID * GRID }, (_, i) => {
      const [row, column] = [Math.floor(i / GRID), i % GRID];
      if (row >= half) return 0;
      return column < half ? 14 : 7;
    });
    const logDensity = drawnLogDensity(encodeDensity(cells))!;
    const points = [-1, 1, 2.9, 0.1, -1, -1, 9, 9].map((value) => (value * EXTENT) / 3);
    const [dense, thin, empty, outside] = logDensity(Float64Array.from(points));
    expect(Math.exp(dense)).toBeCloseTo(15 / 22 / EXTENT ** 2, 2);
    expect(Math.exp(dense - thin)).toBeCloseTo(15 / 8, 1);
    expect([empty, outside]).toEqual([-Infinity, -Infinity]);
    expect(drawnLogDensity('p.0.0.1.1.AAAA')).toBeNull();
  });
});
