/** What was not trained is refused in one line that says what was. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spreadLabels } from '../../src/data/labels.js';
import { createEngine } from '../../src/engine.js';
import { asInterpolant } from '../../src/families/registry.js';
import { buildModel } from '../../src/families/shape.js';
import { encodeCsv } from '../../src/formats/csv_write.js';
import { decodeNpy } from '../../src/formats/npy.js';
import {
  checkInterpolant,
  DEFAULT_INTERPOLANT,
  type InterpolantConfig,
  scheduleOf,
} from '../../src/interpolant/config.js';
import { gammaNames } from '../../src/interpolant/gammas.js';
import type { Head } from '../../src/interpolant/heads.js';
import { pathNames } from '../../src/interpolant/paths.js';
import type { Coefficients } from '../../src/interpolant/schedule.js';
import { timeRange } from '../../src/interpolant/time_table.js';
import { flowGrid } from '../../src/likelihood/flow.js';
import { FlowDensity } from '../../src/likelihood/flow_density.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { loadModel, modelConfig } from '../../src/run/trained.js';
import { fieldOf } from '../../src/samplers/field.js';
import { adaptiveSampling, samplingTable } from '../../src/samplers/plan.js';
import { Sampler } from '../../src/samplers/sampler.js';
import { solverByName } from '../../src/samplers/solvers.js';
import { command } from '../cli/in_process.js';
import { temporaryFolder } from '../cli/run.js';

const folder = temporaryFolder();
const random = new CounterRandom(2, STREAM.test);
const points = Float64Array.from({ length: 120 }, (_, i) => random.normal(i));
const labels = Uint32Array.from({ length: 60 }, (_, row) => (row % 2 === 0 ? 0 : 7));
const tiny = ['--steps', '2', '--batch', '8', '--hidden', '4', '--seed', '3', '--conditional'];

const RUNS = {
  /** The data hold labels 0 and 7; a tenth of them was hidden. */
  gaps: [],
  /** The same, none hidden. */
  sure: ['--config', folder('sure.json')],
  /** The same, all hidden. */
  blind: ['--config', folder('blind.json')],
} as const;

beforeAll(async () => {
  writeFileSync(folder('labelled.csv'), encodeCsv(points, 60, 2, labels));
  writeFileSync(folder('sure.json'), JSON.stringify({ labelDropout: 0 }));
  writeFileSync(folder('blind.json'), JSON.stringify({ labelDropout: 1 }));
  for (const [label, name] of [
    [3, 'untrained.csv'],
    [7, 'trained.csv'],
  ] as const)
    writeFileSync(folder(name), encodeCsv(points.slice(0, 8), 4, 2, new Uint32Array(4).fill(label)));
  for (const [name, words] of Object.entries(RUNS)) {
    const { code, stderr } = await command([
      ...['train', ...tiny, '--data', folder('labelled.csv'), ...words, '--out', folder(name)],
    ]);
    expect(code, stderr).toBe(0);
  }
});

const HELD = /label 3 was never trained: the labels of the data are 0, 7$/;
const SURE =
  /guidance needs the model without labels, and labelDropout 0 never trained that: leave guidance at 1/;

describe('the command line', () => {
  it.each<[string, string, string, RegExp]>([
    ['a label between those of the data', 'gaps', 'sample --label 3', HELD],
    ['the same along dopri5', 'gaps', 'sample --solver dopri5 --label 3', HELD],
    ['the same of starting points', 'gaps', 'sample --start untrained.csv', HELD],
    ['the same of points that are judged', 'gaps', 'likelihood --points untrained.csv', HELD],
    ['guidance without the branch without labels', 'sure', 'sample --guidance 2', SURE],
    ['guidance that takes that branch alone', 'sure', 'sample --guidance 0', SURE],
    ['guidance along dopri5', 'sure', 'sample --solver dopri5 --guidance 2', SURE],
    ['guidance of samples that are judged', 'sure', 'evaluate --guidance 2', SURE],
    ['guidance of a likelihood', 'sure', 'likelihood --guidance 2 --points trained.csv', SURE],
    [
      'a likelihood without labels',
      'sure',
      'likelihood --unconditional --points trained.csv',
      /never trained without labels \(labelDropout 0\): give one; the labels of the data are 0, 7$/,
    ],
    [
      'any label where all were hidden',
      'blind',
      'sample --label 7',
      /label 7 was never trained: no label was$/,
    ],
    [
      'labels by their shares where all were hidden',
      'blind',
      'sample',
      /label \d was never trained: no label was$/,
    ],
  ])('refuses %s', async (_, run, words, message) => {
    const [name, ...rest] = words.split(' ').map((word) => (word.endsWith('.csv') ? folder(word) : word));
    const { code, stdout, stderr } = await command([name, folder(run), ...rest]);
    const lines = stderr.trim().split('\n');
    expect(lines, stderr).toHaveLength(1);
    expect(lines[0]).toMatch(message);
    expect([code, stdout]).toEqual([2, '']);
  });

  it.each([
    ['gaps', 'sample --label 7 --guidance 2'],
    ['gaps', 'sample'],
    ['gaps', 'sample --start trained.csv'],
    ['gaps', 'likelihood --points trained.csv --guidance 2 --steps 2'],
    ['gaps', 'likelihood --points trained.csv --unconditional --steps 2'],
    ['sure', 'sample --guidance 1 --label 0'],
    ['sure', 'sample'],
  ])('takes what was trained: %s, %s', async (run, words) => {
    const [name, ...rest] = words.split(' ').map((word) => (word.endsWith('.csv') ? folder(word) : word));
    const small = name === 'sample' ? ['--steps', '2', '--out', folder('x.npy')] : [];
    const n = name === 'sample' && !words.includes('--start') ? ['--n', '5'] : [];
    const { code, stderr } = await command([name, folder(run), ...rest, ...small, ...n]);
    expect(code, stderr).toBe(0);
  });
});

describe('in code', () => {
  let engine: Awaited<ReturnType<typeof createEngine>>;
  beforeAll(async () => {
    engine = await createEngine({ simd: false });
  });
  afterAll(() => engine.destroy());

  /** A model from its file alone, and a sampler of it. */
  async function of(run: string, options: object = {}) {
    const bytes = readFileSync(folder(`${run}/model.safetensors`));
    const config = asInterpolant(modelConfig(bytes, run));
    const model = buildModel(engine, config);
    loadModel(model, bytes, run);
    const table = samplingTable(config.settings, { steps: 2, ...options });
    return { config, model, make: () => Sampler.create(engine, model, model.store, table, 1) };
  }

  it('a model knows from its file what it was trained with', async () => {
    await expect((await of('sure', { guidance: 2 })).make()).rejects.toThrow(SURE);
    const sampler = await (await of('gaps', { guidance: 2 })).make();
    const draw = (label: number) => sampler.sample({ n: 2, labels: Uint32Array.of(0, label) });
    await expect(draw(3)).rejects.toThrow(HELD);
    await expect(sampler.begin({ labels: new Uint32Array(sampler.particleCount).fill(3) })).rejects.toThrow(
      HELD,
    );
    expect((await draw(7)).points).toHaveLength(4);
    // 8 means "no label", which a tenth of the labels has trained.
    expect((await draw(8)).points).toHaveLength(4);
    const sure = await (await of('sure')).make();
    await expect(sure.sample({ n: 1, labels: Uint32Array.of(8) })).rejects.toThrow(
      /never trained without labels/,
    );
    sampler.destroy();
    sure.destroy();
  });

  it('and so does a density of it', async () => {
    const { config, model } = await of('sure');
    const field = fieldOf(config.settings);
    const options = { solver: solverByName('heun'), grid: flowGrid(field, 2, 0.3, 'uniform'), field };
    await expect(FlowDensity.create(engine, model, model.store, { ...options, guidance: 2 })).rejects.toThrow(
      SURE,
    );
    const flow = await FlowDensity.create(engine, model, model.store, options);
    const at = (label: number) => flow.logDensity(Float64Array.of(0, 0), { labels: Uint32Array.of(label) });
    await expect(at(3)).rejects.toThrow(HELD);
    expect((await at(7)).nats).toHaveLength(1);
    flow.destroy();
  });
});

describe('times that were not trained', () => {
  /** What is left to extrapolation at an end of a range: noise in the data, or data in the noise. */
  const left = (config: InterpolantConfig): number => {
    const { schedule, range } = { schedule: scheduleOf(config), range: timeRange(config) };
    const share = (t: number, of: (c: Coefficients) => number) => of(schedule.at(t));
    const late = (c: Coefficients) => Math.hypot(c.alpha, c.gamma) / c.beta;
    const early = (c: Coefficients) => c.beta / Math.hypot(c.alpha, c.gamma);
    // What the path itself leaves is no fault of the range.
    const beyond = (t: number, end: number, of: typeof late) =>
      t === end || share(t, of) <= share(end, of) ? 0 : share(t, of);
    return Math.max(beyond(range.high, 1, late), beyond(range.low, 0, early));
  };
  const TIMES = [0, 1e-3, 0.02, 0.1, 0.3, 0.5, 0.9];
  const CONFIGS = pathNames.flatMap((path) =>
    gammaNames.flatMap((gamma): InterpolantConfig[] => {
      const heads: Head[] = path === 'mirror' ? ['denoiser'] : ['velocity'];
      const config: InterpolantConfig = { ...DEFAULT_INTERPOLANT, path, gamma, heads };
      try {
        checkInterpolant(config);
      } catch {
        return [];
      }
      return [config];
    }),
  );

  it.each(CONFIGS)(
    '$path with γ $gamma: refused where more than a third is left, taken where less than a quarter',
    (config) => {
      const found = { refused: 0, taken: 0 };
      for (const cut of TIMES) {
        for (const range of [{ timeMax: 1 - cut }, { timeMin: cut }]) {
          const one = { ...config, ...range };
          if (left(one) > 0.34) {
            expect(() => samplingTable(one, { steps: 4 })).toThrow(
              /^the model was trained (up to|from) t = .* says nothing of what .*: train it with a timeM(ax|in) that/,
            );
            expect(() => adaptiveSampling(one)).toThrow(/^the model was trained/);
            found.refused++;
          } else if (left(one) < 0.25) {
            expect(samplingTable(one, { steps: 4 }).rows.every(Number.isFinite)).toBe(true);
            found.taken++;
          }
        }
      }
      expect(found.taken).toBeGreaterThan(2);
      // The mirror's x is x1 and at most a little noise, at all times.
      if (config.path !== 'mirror') expect(found.refused).toBeGreaterThan(2);
    },
  );

  it('are refused before they are trained, and nothing is written', async () => {
    writeFileSync(folder('half.json'), JSON.stringify({ interpolant: { timeMax: 0.5 } }));
    const { code, stderr } = await command([
      ...['train', ...tiny.filter((word) => word !== '--conditional'), '--data', 'moons'],
      ...['--config', folder('half.json'), '--out', folder('half')],
    ]);
    expect(stderr.trim()).toMatch(/^tributary: the model was trained up to t = 0\.5, .*timeMax.*33 %$/);
    expect(code).toBe(2);
    expect(existsSync(folder('half'))).toBe(false);
  });

  it('a distilled model takes one step, by default too, and has no flow', async () => {
    writeFileSync(folder('distil.json'), JSON.stringify({ reflow: { rounds: 0, distil: true } }));
    const out = folder('distilled');
    const words = ['--steps', '3', '--batch', '8', '--hidden', '4', '--data', 'moons', '--rows', '50'];
    const trained = await command([
      ...['train', ...words, '--family', 'rectified-flow', '--config', folder('distil.json'), '--out', out],
    ]);
    expect(trained.code, trained.stderr).toBe(0);
    const ONE = /the model was distilled: it knows t = 0 alone, and takes one step from noise to data$/;
    for (const [words, message] of [
      [['sample', out, '--steps', '2'], ONE],
      [['sample', out, '--backward', '--start', folder('trained.csv')], ONE],
      [['likelihood', out], /there is no likelihood: a distilled model takes noise to data in one step/],
    ] as const) {
      const { code, stderr } = await command([...words]);
      expect(stderr.trim()).toMatch(message);
      expect(code).toBe(2);
    }
    const points = async (...options: string[]) => {
      const file = folder('one.npy');
      const { code, stderr } = await command(['sample', out, '--n', '5', '--out', file, ...options]);
      expect(code, stderr).toBe(0);
      return Array.from(decodeNpy(readFileSync(file), file).data as Float32Array);
    };
    const one = await points();
    expect(await points('--steps', '1', '--solver', 'euler')).toEqual(one);
    // x1 = x0 + b(x0, 0), by whatever method the one step is taken.
    for (const solver of ['heun', 'rk4', 'dopri5'])
      for (const [i, value] of (
        await points('--solver', solver, ...(solver === 'dopri5' ? [] : ['--steps', '1']))
      ).entries())
        expect(value).toBeCloseTo(one[i], 4);
  });
});

describe('labels by their shares', () => {
  it('are those that the data have, whatever rounding leaves over', () => {
    for (const counts of [
      [1, 1, 1, 0],
      [0.1, 0.2, 0.7, 0, 0],
      [5, 0],
      [0, 3],
    ])
      for (const label of spreadLabels(20_000, counts)) expect(counts[label]).toBeGreaterThan(0);
  });
});
