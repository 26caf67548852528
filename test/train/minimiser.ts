import type { Backend } from '../../src/backend/backend.js';
import { Trace } from '../../src/backend/trace.js';
import type { Dataset } from '../../src/data/dataset.js';
import { GaussianMixture } from '../../src/data/mixture.js';
import type { InterpolantSettings } from '../../src/families/interpolant/settings.js';
import { DEFAULT_INTERPOLANT, type InterpolantConfig, scheduleOf } from '../../src/interpolant/config.js';
import type { Head } from '../../src/interpolant/heads.js';
import { gaussianBaseOracle } from '../../src/interpolant/oracle.js';
import type { MlpConfig } from '../../src/nn/mlp.js';
import type { OptimizerConfig } from '../../src/nn/schedule.js';
import { Tape } from '../../src/nn/tape.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { createTrainer } from '../../src/run/create_trainer.js';
import { runConfig } from '../../src/run/defaults.js';
import { fieldOf } from '../../src/samplers/field.js';
import { oracleField } from '../../src/samplers/oracle_field.js';
import type { Trainer } from '../../src/train/trainer.js';

/** Practically unlimited: a network of some thousand parameters cannot tell them from the law. */
const ROWS = 200_000;
/** Where heads are trained and measured: at the ends some targets are infinite. */
export const TIMES = { timeMin: 0.02, timeMax: 0.98 } as const;
const MEASURED_TIMES = 64;
const POINTS_A_TIME = 128;

const mixture = new GaussianMixture({
  dim: 2,
  weights: Float64Array.of(0.5, 0.3, 0.2),
  means: Float64Array.of(1.5, 0.5, -1.5, 1, 0, -1.5),
  variances: Float64Array.of(0.2, 0.15, 0.3),
});

export const dataset = (): Dataset => {
  const { points } = mixture.sample(ROWS, 0);
  return { name: 'mixture', dim: 2, rows: ROWS, points, labels: new Uint32Array(ROWS), classes: 1 };
};

export interface Problem {
  readonly name: string;
  readonly interpolant: Partial<InterpolantConfig>;
}

const one = (heads: Head[], more: Partial<InterpolantConfig> = {}): Problem => ({
  name: `${more.path ?? 'linear'}, ${heads.join(' and ')}, ${more.weighting ?? 'none'}`,
  interpolant: { heads, ...more },
});

const two = (heads: Head[]): Problem => ({
  name: `linear with γ, ${heads.join(' and ')}`,
  interpolant: { heads, gamma: 'sqrt', antithetic: true },
});

/** Each head, one-sided and two-sided, and each weighting. */
export const PROBLEMS: readonly Problem[] = [
  one(['velocity']),
  one(['drift'], { path: 'trig' }),
  one(['denoiser']),
  one(['data']),
  one(['edm']),
  one(['score'], { weighting: 'snr' }),
  one(['velocity'], { weighting: 'min-snr' }),
  one(['denoiser'], { weighting: 'likelihood', path: 'vp' }),
  one(['data'], { weighting: 'edm' }),
  two(['velocity', 'denoiser']),
  two(['drift', 'score']),
  two(['data', 'denoiser']),
];

export interface Outcome {
  readonly head: Head;
  /** ‖F̂ − F‖/‖F‖ in L²(ρ_t dt). */
  readonly error: number;
}

export interface Budget {
  readonly steps: number;
  readonly batch: number;
  readonly network: Partial<MlpConfig>;
  readonly optimizer?: Partial<OptimizerConfig>;
}

/**
 * Trains a problem's heads and measures how far they are from the oracle's.
 * @param judged another interpolant to judge them by
 */
export async function distanceToOracle(
  engine: Backend,
  data: Dataset,
  { interpolant }: Problem,
  { steps, batch, network, optimizer }: Budget,
  judged: Partial<InterpolantConfig> = {},
): Promise<Outcome[]> {
  const config = runConfig({
    data: { name: data.name, rows: data.rows, dim: 2, ambient: 0, classes: 0, digest: '' },
    transform: { offset: [0, 0], scale: 1 },
    network,
    settings: { ...DEFAULT_INTERPOLANT, ...TIMES, ...interpolant },
    ...{ steps, batch },
    ...(optimizer ? { optimizer } : {}),
  });
  const trainer = await createTrainer(engine, config, data);
  await trainer.train(steps);
  await trainer.flush();
  const own = { ...config.settings, ...judged };
  const schedule = scheduleOf(own);
  const truth = oracleField(own, gaussianBaseOracle(schedule, mixture));
  const field = fieldOf(own);
  const rows = MEASURED_TIMES * POINTS_A_TIME;
  const [inputs, times] = [new Float64Array(rows * 2), new Float64Array(rows)];
  const exact = own.heads.map(() => new Float64Array(rows * 2));
  const random = new CounterRandom(1, STREAM.evaluation, 0);
  const { points } = mixture.sample(rows, 2, STREAM.evaluation);
  for (let k = 0; k < MEASURED_TIMES; k++) {
    const t = TIMES.timeMin + ((k + 0.5) / MEASURED_TIMES) * (TIMES.timeMax - TIMES.timeMin);
    const { alpha, beta, gamma } = schedule.at(t);
    const { input, time } = field.at(t);
    const first = k * POINTS_A_TIME;
    times.fill(time, first, first + POINTS_A_TIME);
    for (let i = 2 * first; i < 2 * (first + POINTS_A_TIME); i++)
      inputs[i] = input * (alpha * random.normal(i) + beta * points[i] + gamma * random.normal(2 * rows + i));
    const x = inputs.slice(2 * first, 2 * (first + POINTS_A_TIME));
    own.heads.forEach((head, h) => exact[h].set(truth[head]!(time, x, false), 2 * first));
  }
  const outputs = await outputsOf(engine, trainer, inputs, times);
  trainer.destroy();
  return own.heads.map((head, h) => {
    let [wrong, size] = [0, 0];
    exact[h].forEach((value, i) => {
      wrong += (outputs[h][i] - value) ** 2;
      size += value ** 2;
    });
    return { head, error: Math.sqrt(wrong / size) };
  });
}

/** What the averaged networks say at rows of points and times. */
async function outputsOf(
  engine: Backend,
  trainer: Trainer<InterpolantSettings>,
  x: Float64Array,
  t: Float64Array,
) {
  const rows = t.length;
  const [point, time] = [engine.allocate(2 * rows, 'points'), engine.allocate(rows, 'times')];
  engine.write(point, x);
  engine.write(time, t);
  const trace = new Trace();
  const tape = new Tape(trace);
  const parameters = trainer.model.store.view(trainer.optimizer.average);
  const [points, times] = [tape.constant(point, rows, 2), tape.constant(time, rows, 1)];
  const arrays = trainer.config.settings.heads.map((head) => {
    const output = engine.allocate(2 * rows, head);
    trainer.model.net(head).forward(tape, parameters, points, times, null, output);
    return output;
  });
  const plan = await engine.compile(trace, 'heads at rows');
  await plan.run(1);
  const values = await Promise.all(arrays.map((array) => engine.read(array)));
  plan.destroy();
  for (const array of [point, time, ...arrays]) engine.free(array);
  return values as ArrayLike<number>[];
}
