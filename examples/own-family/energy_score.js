/** A whole family of one's own: `npx tributary start --family ./energy_score.js`. See README.md beside it. */
import { defineFamily, networkOf, ops, RecordedGenerator } from 'tributary-engine';

const { affine, combine, exp, log, rowSum, square } = ops;

/** |x − z| of each row, [rows, 1]; of equal rows 1e-3, where its slope would be endless. */
const distance = (tape, x, z) => {
  const squares = rowSum(tape, square(tape, combine(tape, 1, x, -1, z)));
  return exp(tape, affine(tape, 0.5, log(tape, affine(tape, 1, squares, 1e-6))));
};
const latent = { kind: 'number', usual: 4, whole: true, least: 1, most: 64, help: 'noise coordinates' };

export default defineFamily({
  name: 'energy-score',
  summary: 'a network makes points of noise in one step, at the least energy distance from the data',
  formula: 'E|x − G(z)| + E|x − G(z′)| − E|G(z) − G(z′)|',
  source: 'Bouchacourt et al., arXiv 1606.02556',
  settings: { latent },
  model: (run) => {
    const shape = networkOf(run, { dim: run.settings.latent, outputs: run.data.dim }, 'generator');
    return { networks: { generator: { ...shape, timed: false, outputGain: 1 } } };
  },
  stages: ({ settings }) => {
    const record = (step) => {
      const { tape, rows } = step;
      const { x, label } = step.data();
      const draw = () => step.net('generator')(step.normal(rows, settings.latent), null, label);
      const [a, b] = [draw(), draw()];
      const near = combine(tape, 1, distance(tape, x, a), 1, distance(tape, x, b));
      return { energy: combine(tape, 1, near, -1, distance(tape, a, b)) };
    };
    return [{ name: 'energy', phases: [{ name: 'energy', trains: ['generator'], record }] }];
  },
  generator: ({ config, model }, options) => {
    const draw = (of) => of.net('generator')(of.normal(config.settings.latent), null, of.label);
    return RecordedGenerator.create(model, { ...config.data, evaluations: 1 }, options, draw);
  },
});
