/** The quiz's rounds from real runs: `npm run demo:quiz`. A round whose verdict the metrics do not bear out fails. */
import { writeFileSync } from 'node:fs';
import {
  CounterRandom,
  createEngine,
  type Dataset,
  distributionByName,
  STREAM,
  trainingSet,
} from 'tributary-engine';
import { JUDGED, type ModelChoice } from '../../demo/src/lab/recipe.js';
import { DEFAULTS } from '../../demo/src/state.js';
import { type Finished, thinned, trainAndJudge } from './run.js';

const LOSSES = 160;
/** Steps at the end of a run whose mean loss the texts and the chart's legend tell. */
const TAIL = 200;
const METRICS = ['sliced_w2', 'off_support', 'mode_coverage'] as const;

interface Plan {
  readonly title: string;
  /** What it is, after its letter: `A learns from 24 points`. */
  readonly words: string;
  readonly data: string;
  readonly rows: number;
  readonly steps: number;
  readonly choice: Partial<ModelChoice>;
}

/** A run under the letter that the visitor knows it by. */
interface Named extends Finished {
  readonly letter: string;
}

interface RoundPlan {
  /** What both runs share. */
  readonly setting: string;
  /** Of the worse and the better run, as they are planned. */
  readonly explanation: (worse: Named, better: Named) => string;
  /** The metric that decides, beside its floor. */
  readonly judge: (typeof METRICS)[number];
  /** The better one second: which of them is called A is drawn below. */
  readonly runs: readonly [Plan, Plan];
}

const mean = ({ history }: Finished): number => {
  const tail = history.loss.slice(-TAIL);
  return Number((tail.reduce((sum, [, loss]) => sum + loss, 0) / tail.length).toPrecision(3));
};
const last = (run: Finished) => mean(run).toPrecision(3);
const excess = ({ history }: Finished) => (history.excess.at(-1)?.overOracle ?? Number.NaN).toPrecision(2);

const percent = ({ evaluation }: Finished, name: string) =>
  `${(100 * evaluation.metrics[name].value).toFixed(1)} %`;
const ratio = ({ evaluation: { metrics } }: Finished) =>
  (metrics.sliced_w2.value / metrics.sliced_w2.floor).toFixed(1);

const rounds: readonly RoundPlan[] = [
  {
    setting: 'One network, 3000 steps each, spirals.',
    explanation: (x, y) =>
      `${x.letter}’s loss ends at ${last(x)}, ${y.letter}’s at ${last(y)}: few points are easy to fit. ${x.letter} has learned them by heart; its excess over the truth is ${excess(x)}, ${y.letter}’s ${excess(y)}. ${percent(x, 'off_support')} of its samples lie off the support, but most of the support is missing: its sliced W₂ is ${ratio(x)} times the floor, ${y.letter}’s ${ratio(y)} times.`,
    judge: 'sliced_w2',
    runs: [
      {
        ...{ title: '24 training points', words: 'learns from 24 points' },
        ...{ data: 'spirals', rows: 24, steps: 3000, choice: {} },
      },
      {
        ...{ title: '1000 training points', words: 'learns from 1000 points' },
        ...{ data: 'spirals', rows: 1000, steps: 3000, choice: {} },
      },
    ],
  },
  {
    setting: 'The same 1000 points of a checkerboard.',
    explanation: (x, y) =>
      `${x.letter}’s loss ends at ${last(x)}, ${y.letter}’s at ${last(y)}, and yet ${y.letter} is better: a loss says how noisy its target is, and ${y.letter} has two targets. ${percent(x, 'off_support')} of ${x.letter}’s samples lie where there is nothing, ${percent(y, 'off_support')} of ${y.letter}’s.`,
    judge: 'off_support',
    runs: [
      {
        ...{ title: 'flow matching', words: 'is flow matching after 400 steps' },
        ...{ data: 'checkerboard', rows: 1000, steps: 400, choice: { family: 'flow-matching' } },
      },
      {
        ...{ title: 'stochastic interpolant', words: 'is a stochastic interpolant after 4000 steps' },
        ...{ data: 'checkerboard', rows: 1000, steps: 4000, choice: { family: 'stochastic-interpolant' } },
      },
    ],
  },
  {
    setting: 'Rings, flow matching, 3000 steps each.',
    explanation: (x, y) =>
      `${x.letter}’s curve ends at ${last(x)} and ${y.letter}’s at ${last(y)}, nearly alike, because most of the loss is noise that no model can explain. The excess over the truth tells them apart: ${excess(x)} and ${excess(y)}.`,
    judge: 'off_support',
    runs: [
      {
        ...{ title: '16 wide', words: 'is 16 wide' },
        ...{ data: 'rings', rows: 1000, steps: 3000, choice: { hidden: 16 } },
      },
      {
        ...{ title: '64 wide', words: 'is 64 wide' },
        ...{ data: 'rings', rows: 1000, steps: 3000, choice: { hidden: 64 } },
      },
    ],
  },
  {
    setting: 'Eight clusters on a ring.',
    explanation: (x, y) =>
      `${x.letter}’s loss ends at ${last(x)}, ${y.letter}’s at ${last(y)}: the losses of two data sets cannot be compared at all. Each metric beside its floor can.`,
    judge: 'off_support',
    runs: [
      {
        ...{ title: 'a small ring', words: 'has a small ring and learned for 600 steps' },
        ...{ data: 'ring', rows: 1000, steps: 600, choice: { conditional: false } },
      },
      {
        ...{ title: 'a large ring', words: 'has a large one and learned for 3000 steps' },
        ...{ data: '8gaussians', rows: 1000, steps: 3000, choice: { conditional: false } },
      },
    ],
  },
];

const engine = await createEngine();

async function run(plan: Plan): Promise<Finished> {
  const { family, path, gamma, head, coupling, hidden, seed } = DEFAULTS;
  const own: ModelChoice = {
    ...{ data: plan.data, custom: '', family, path, gamma, head, coupling, hidden, seed },
    conditional: false,
    ...plan.choice,
  };
  const dataset: Dataset = trainingSet(distributionByName(plan.data), plan.rows, seed);
  return trainAndJudge(engine, own, dataset, plan.steps);
}

/** How many times what perfect samples would score. */
function badness({ evaluation }: Finished, judge: RoundPlan['judge']): number {
  const { value, floor } = evaluation.metrics[judge];
  return value / Math.max(floor, 1e-3);
}

/** Which letter a round's better run has: 0 for A. Drawn, and the same each time. */
const letters = new CounterRandom(0, STREAM.data);

const result = [];
for (const [at, { setting, explanation, judge, runs }] of rounds.entries()) {
  const done = [await run(runs[0]), await run(runs[1])] as const;
  const [worse, better] = done.map((one) => badness(one, judge));
  if (worse / better < 1.3) throw new Error(`no verdict: ${setting} ${worse} ${better}`);
  const order = letters.integer(at, 2) === 0 ? [1, 0] : [0, 1];
  const named = done.map((one, i): Named => ({ ...one, letter: 'AB'[order.indexOf(i)] }));
  result.push({
    question: `${setting} A ${runs[order[0]].words}, B ${runs[order[1]].words}.`,
    explanation: explanation(named[0], named[1]),
    better: order.indexOf(1),
    judge,
    runs: order.map((i) => ({
      title: runs[i].title,
      loss: thinned(done[i].history.loss, LOSSES * 4),
      ending: mean(done[i]),
      samples: [...done[i].points.subarray(0, 2 * JUDGED)].map((value) => Math.round(100 * value)),
      metrics: Object.fromEntries(
        METRICS.flatMap((name) => {
          const metric = done[i].evaluation.metrics[name];
          const short = (value: number) => Number(value.toPrecision(4));
          return metric ? [[name, { value: short(metric.value), floor: short(metric.floor) }]] : [];
        }),
      ),
    })),
  });
  const { question, explanation: why } = result.at(-1)!;
  console.log(`${question} badness ${worse.toFixed(2)} ${better.toFixed(2)}: ${why}`);
}
if (new Set(result.map(({ better }) => better)).size === 1)
  throw new Error('the same letter is always right');
engine.destroy();
writeFileSync('demo/public/quiz.json', `${JSON.stringify(result)}\n`);
