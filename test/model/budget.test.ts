/** Families at equal means: every one that the registry knows, those that are yet to be entered as well. */
import { afterAll, describe, expect, it } from 'vitest';
import { CpuBackend } from '../../src/cpu/backend.js';
import { familyNames } from '../../src/families/registry.js';
import { buildModel, modelShapeOf } from '../../src/families/shape.js';
import { atWidth } from '../../src/model/budget.js';
import type { NetworkShape } from '../../src/model/run_config.js';
import { hasNetworks, parametersOf, withParameters } from '../../src/run/budget.js';
import { type RunOptions, runConfig } from '../../src/run/defaults.js';

const engine = new CpuBackend();
afterAll(() => engine.destroy());

const configOf = (
  family: string,
  dim: number,
  classes: number,
  network: Partial<NetworkShape> = {},
  more: Partial<RunOptions<object>> = {},
) =>
  runConfig<object>({
    ...{ family, network, ...more },
    data: { name: 'points', rows: 100, dim, ambient: 0, classes, digest: '' },
    transform: { offset: new Array<number>(dim).fill(0), scale: 1 },
  });

const NETWORKS: readonly Partial<NetworkShape>[] = [
  {},
  { norm: 'rms' },
  { bottleneck: 16 },
  { norm: 'rms', bottleneck: 4, blocks: 5, pointFrequencies: 0 },
];
const withNetworks = familyNames.filter((name) => hasNetworks(configOf(name, 2, 0)));

describe.each(withNetworks)('%s', (family) => {
  it.each([1, 2, 17, 512])('in %i dimensions has what it is given, within a twentieth', (dim) => {
    for (const classes of [0, 10])
      for (const network of NETWORKS)
        for (const budget of dim === 512 ? [250_000, 4_000_000] : [100_000, 250_000]) {
          const usual = configOf(family, dim, classes, network);
          const config = withParameters(usual, budget);
          const count = parametersOf(config);
          expect(Math.abs(count / budget - 1)).toBeLessThan(0.05);
          const { hidden, inner } = config.network;
          // Nothing else has changed, and no other width is nearer.
          expect(inner).toBe(2 * hidden);
          expect({ ...config, network: { ...config.network, hidden: 128, inner: 256 } }).toEqual(usual);
          for (const other of [hidden - 1, hidden + 1])
            expect(Math.abs(parametersOf(atWidth(usual, other)) - budget)).toBeGreaterThanOrEqual(
              Math.abs(count - budget),
            );
        }
  });

  it('has as many as are allocated', () => {
    for (const network of NETWORKS) {
      const config = withParameters(configOf(family, 17, 3, network), 30_000);
      const model = buildModel(engine, config);
      expect(model.store.count).toBe(parametersOf(config));
      model.destroy();
    }
  });

  it('has never less of a greater width', () => {
    const config = configOf(family, 30, 0, { bottleneck: 12, hidden: 8, inner: 13 });
    const counts = Array.from({ length: 60 }, (_, i) => parametersOf(atWidth(config, i + 1)));
    for (let i = 1; i < counts.length; i++) expect(counts[i]).toBeGreaterThan(counts[i - 1]);
  });

  it('says the nearest where no width is near', () => {
    const config = configOf(family, 2, 0);
    const least = parametersOf(atWidth(config, 1));
    expect(() => withParameters(config, 5)).toThrow(
      `${family} has no width of about 5 parameters (within 5 %): the nearest, hidden 1, has ${least}`,
    );
  });
});

it('those without networks say so', () => {
  for (const family of familyNames.filter((name) => !withNetworks.includes(name)))
    expect(() => withParameters(configOf(family, 2, 0), 1000)).toThrow('it has no network');
});

it('widths of roles that have their own keep their proportion', () => {
  const usual = configOf('vae', 9, 0, {}, { networks: { decoder: { hidden: 32, inner: 96 } } });
  const config = withParameters(usual, 100_000);
  const { encoder, decoder } = modelShapeOf(config).networks;
  expect(Math.abs(parametersOf(config) / 100_000 - 1)).toBeLessThan(0.05);
  expect(decoder.hidden / encoder.hidden).toBeCloseTo(32 / 128, 1);
  expect(decoder.inner / encoder.inner).toBeCloseTo(96 / 256, 1);
  // Widths in proportion may be a little beside it: the count is that of what they are.
  expect(config.networks?.decoder).toEqual({ hidden: decoder.hidden, inner: decoder.inner });
});
