/** A family of one's own in thirty lines: `npx tributary start --family ./energy_score.js`. See README.md beside it. */
import { defineFamily, networkOf, ops, RecordedGenerator } from 'tributary-engine';

const { affine, combine, exp, log, rowSum, square } = ops;

/** √(|x − z|² + ε) of each row, [rows, 1]. */
const distance = (tape, x, z) =>
  exp(
    tape,
    affine(
      tape,
      0.5,
      log(tape, affine(tape, 1, rowSum(tape, square(tape, combine(tape, 1, x, -1, z))), 1e-6)),
    ),
  );

export default defineFamily({
  name: 'energy-score',
  summary: 'a network makes points of noise in one step, at the least energy distance from the data',
  formula: 'E|x − G(z)| + E|x − G(z′)| − E|G(z) − G(z′)|',
  source: 'Bouchacourt et al., arXiv 1606.02556, eq. 9',
  settings: {
    latent: { kind: 'number', usual: 4, whole: true, least: 1, most: 64, help: 'coordinates of the noise' },
  },
  model: (run) => {
    const spec = networkOf(run, { dim: run.settings.latent, outputs: run.data.dim }, 'generator');
    return { networks: { generator: { ...spec, timed: false, outputGain: 1 } } };
  },
  stages: (run) => {
    const record = (step) => {
      const { tape, rows } = step;
      const { x, label } = step.data();
      const draw = () => step.net('generator')(step.normal(rows, run.settings.latent), null, label);
      const [a, b] = [draw(), draw()];
      const near = combine(tape, 1, distance(tape, x, a), 1, distance(tape, x, b));
      return { energy: combine(tape, 1, near, -1, distance(tape, a, b)) };
    };
    return [{ name: 'generator', phases: [{ name: 'generator', trains: ['generator'], record }] }];
  },
  generator: ({ config, model }, options) =>
    RecordedGenerator.create(model, { ...config.data, evaluations: 1 }, options, (drawing) =>
      drawing.net('generator')(drawing.normal(config.settings.latent), null, drawing.label),
    ),
});
