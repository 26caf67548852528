/**
 * Models without a network on `corridor`, 1000 training points, beside rows known before: `npm run bench:baselines`,
 * [SEEDS]. Metrics are of 20 000 samples, likelihoods of 20 000 points that no fit has seen.
 */
import { fitBaseline } from '../src/baselines/baseline.js';
import { type BaselineName, type BaselineSettings, baselineNames } from '../src/baselines/registry.js';
import { trainingSet } from '../src/data/dataset.js';
import { distributionByName } from '../src/data/registry.js';
import { frechet } from '../src/metrics/frechet.js';
import { logPTrue } from '../src/metrics/log_p_true.js';
import { offSupport } from '../src/metrics/off_support.js';
import { slicedW2 } from '../src/metrics/sliced_w2.js';
import { type Samples, truthOf } from '../src/metrics/truth.js';

const ROWS = 1000;
const JUDGED = 20_000;
/** A step of the data's stream that no training set uses. */
const TEST = 7;

/** What is fitted, and −E ln p as it was measured elsewhere on the same law. */
const MODELS: readonly { name: BaselineName; settings?: BaselineSettings; known?: string }[] = [
  ...baselineNames().map((name) => (name === 'gaussian' ? { name, known: '3.704' } : { name })),
  { name: 'kde', settings: { bandwidth: 0.05 }, known: '2.144' },
  { name: 'gmm', settings: { components: 40 }, known: 'about 1.80' },
  { name: 'manifold-parzen', settings: { neighbours: 12, scale: 0.6 }, known: '1.829' },
];

interface Row {
  readonly model: string;
  readonly known: string;
  readonly facts: string;
  /** Fréchet, off %, E ln p_true, sliced W2, NLL, seconds of the fit */
  readonly numbers: readonly number[];
}

const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

function rowsOf(seed: number): Row[] {
  const law = distributionByName('corridor');
  const { points, dim } = trainingSet(law, ROWS, seed);
  const unseen = law.sample(JUDGED, seed, TEST).points;
  const truth = truthOf(law, JUDGED, seed, { draws: 2 });
  const judge = (samples: Samples) => [
    frechet(samples, truth).value,
    100 * offSupport(samples, truth).value,
    logPTrue(samples, truth).value,
    slicedW2(samples, truth).value,
  ];
  const fresh: Row = {
    model: 'fresh samples',
    known: '1.572',
    facts: '',
    numbers: [
      ...judge({ points: law.sample(JUDGED, seed, TEST + 1).points }),
      -mean(law.logDensity!(unseen)),
      0,
    ],
  };
  return [
    fresh,
    ...MODELS.map(({ name, settings = {}, known = '' }): Row => {
      const before = performance.now();
      const model = fitBaseline(name, { points, dim }, settings);
      const seconds = (performance.now() - before) / 1000;
      const given = Object.entries(settings).map(([key, value]) => ` ${key} ${value}`);
      return {
        model: `${name}${given}`,
        known,
        facts: Object.entries(model.laws[0]!.facts)
          .map(([key, value]) => `${key} ${Number(value.toPrecision(3))}`)
          .join(', '),
        numbers: [
          ...judge(model.sample(JUDGED, seed)),
          model.noDensity ? Number.NaN : -mean(model.logDensity(unseen)),
          seconds,
        ],
      };
    }),
  ];
}

export default function run([seeds = '3']: string[]): void {
  const all = Array.from({ length: Number(seeds) }, (_, seed) => rowsOf(seed));
  console.log(
    `corridor, ${ROWS} training points, ${JUDGED} samples and test points, ${seeds} seeds: means ± half the range\n`,
  );
  console.log('| model | FID | off % | E ln p_true | sliced W2 | NLL | NLL known | fit, s | found |');
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  all[0].forEach(({ model, known }, at) => {
    const own = all.map((rows) => rows[at]);
    const digits = [4, 2, 2, 3, 3, 1];
    const cells = digits.map((places, column) => {
      const values = own.map(({ numbers }) => numbers[column]);
      if (Number.isNaN(values[0])) return '–';
      const half = (Math.max(...values) - Math.min(...values)) / 2;
      return column === 5
        ? mean(values).toFixed(places)
        : `${mean(values).toFixed(places)} ± ${half.toFixed(places)}`;
    });
    const [seconds, ...others] = cells.reverse();
    const facts = [...new Set(own.map((row) => row.facts))].join('; ');
    console.log(`| ${[model, ...others.reverse(), known, seconds, facts].join(' | ')} |`);
  });
}
