/** The quiz's rounds from real runs: `npm run demo:quiz`. A round whose verdict the metrics do not bear out fails. */
import { writeFileSync } from 'node:fs';
import { createEngine, type Dataset, distributionByName, trainingSet } from 'tributary';
import type { ModelChoice } from '../../demo/src/lab/recipe.js';
import { DEFAULTS } from '../../demo/src/state.js';
import { type Finished, thinned, trainAndJudge } from './run.js';

const LOSSES = 160;
const SHOWN = 400;
const METRICS = ['sliced_w2', 'off_support', 'mode_coverage'] as const;

interface Plan {
  readonly title: string;
  readonly data: string;
  readonly rows: number;
  readonly steps: number;
  readonly choice: Partial<ModelChoice>;
}

interface RoundPlan {
  readonly question: string;
  readonly explanation: (a: Finished, b: Finished) => string;
  /** The metric that decides, beside its floor. */
  readonly judge: (typeof METRICS)[number];
  readonly runs: readonly [Plan, Plan];
}

const last = ({ history }: Finished) => {
  const tail = history.loss.slice(-200);
  return (tail.reduce((sum, [, loss]) => sum + loss, 0) / tail.length).toPrecision(3);
};
const excess = ({ history }: Finished) => (history.excess.at(-1)?.overOracle ?? Number.NaN).toPrecision(2);

const percent = ({ evaluation }: Finished, name: string) =>
  `${(100 * evaluation.metrics[name].value).toFixed(1)} %`;
const ratio = ({ evaluation: { metrics } }: Finished) =>
  (metrics.sliced_w2.value / metrics.sliced_w2.floor).toFixed(1);

const rounds: readonly RoundPlan[] = [
  {
    question: 'One network, 3000 steps each, spirals. A learns from 24 points, B from 1000.',
    explanation: (a, b) =>
      `A’s loss ends at ${last(a)}, B’s at ${last(b)}: few points are easy to fit. A has learned them by heart; its excess over the truth is ${excess(a)}, B’s ${excess(b)}. ${percent(a, 'off_support')} of its samples lie off the support, but most of the support is missing: its sliced W₂ is ${ratio(a)} times the floor, B’s ${ratio(b)} times.`,
    judge: 'sliced_w2',
    runs: [
      { title: '24 training points', data: 'spirals', rows: 24, steps: 3000, choice: {} },
      { title: '1000 training points', data: 'spirals', rows: 1000, steps: 3000, choice: {} },
    ],
  },
  {
    question:
      'The same 1000 points of a checkerboard. A is flow matching after 400 steps, B a stochastic interpolant after 4000.',
    explanation: (a, b) =>
      `A’s loss ends at ${last(a)}, B’s at ${last(b)}, and yet B is better: a loss says how noisy its target is, and B has two targets. ${percent(a, 'off_support')} of A’s samples lie where there is nothing, ${percent(b, 'off_support')} of B’s.`,
    judge: 'off_support',
    runs: [
      {
        title: 'flow matching',
        data: 'checkerboard',
        rows: 1000,
        steps: 400,
        choice: { family: 'flow-matching' },
      },
      {
        title: 'stochastic interpolant',
        data: 'checkerboard',
        rows: 1000,
        steps: 4000,
        choice: { family: 'stochastic-interpolant' },
      },
    ],
  },
  {
    question: 'Rings, flow matching. A is 16 wide, B 64 wide.',
    explanation: (a, b) =>
      `The curves end at ${last(a)} and ${last(b)}, nearly alike, because most of the loss is noise that no model can explain. The excess over the truth tells them apart: ${excess(a)} and ${excess(b)}.`,
    judge: 'off_support',
    runs: [
      { title: '16 wide', data: 'rings', rows: 1000, steps: 3000, choice: { hidden: 16 } },
      { title: '64 wide', data: 'rings', rows: 1000, steps: 3000, choice: { hidden: 64 } },
    ],
  },
  {
    question: 'Eight clusters on a ring, small for A and large for B. A learned for 600 steps, B for 3000.',
    explanation: (a, b) =>
      `A’s loss ends at ${last(a)}, B’s at ${last(b)}: the losses of two data sets cannot be compared at all. Each metric beside its floor can.`,
    judge: 'off_support',
    runs: [
      { title: 'ring', data: 'ring', rows: 1000, steps: 600, choice: { conditional: false } },
      { title: '8 gaussians', data: '8gaussians', rows: 1000, steps: 3000, choice: { conditional: false } },
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

const result = [];
for (const { question, explanation, judge, runs } of rounds) {
  const done = [await run(runs[0]), await run(runs[1])] as const;
  const [a, b] = done.map((one) => badness(one, judge));
  if (Math.max(a, b) / Math.min(a, b) < 1.3) throw new Error(`no verdict: ${question} ${a} ${b}`);
  result.push({
    question,
    explanation: explanation(...done),
    better: a < b ? 0 : 1,
    runs: done.map((one, i) => ({
      title: runs[i].title,
      loss: thinned(one.history.loss, LOSSES * 4),
      samples: [...one.points.subarray(0, 2 * SHOWN)].map((value) => Math.round(100 * value)),
      metrics: Object.fromEntries(
        METRICS.flatMap((name) => {
          const metric = one.evaluation.metrics[name];
          const short = (value: number) => Number(value.toPrecision(4));
          return metric ? [[name, { value: short(metric.value), floor: short(metric.floor) }]] : [];
        }),
      ),
    })),
  });
  console.log(`${question} badness ${a.toFixed(2)} ${b.toFixed(2)}: ${result.at(-1)?.explanation}`);
}
engine.destroy();
writeFileSync('demo/public/quiz.json', `${JSON.stringify(result)}\n`);
