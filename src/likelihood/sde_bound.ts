import { badInput } from '../errors.js';
import { coefficients, type Schedule } from '../interpolant/schedule.js';
import { type LikelihoodBound, meanAndError } from '../model/likelihood.js';
import { permutedTurns } from '../random/permutation.js';
import { CounterRandom, STREAM } from '../random/random.js';

/**
 * A velocity field at rows that each have their own time.
 * @param t [rows]
 * @param x [rows·dim]
 * @param row which of the points each row belongs to, for their labels: [rows]
 * @returns [rows·dim]
 */
export type VelocityAtRows = (
  t: Float64Array,
  x: Float64Array,
  row: Uint32Array,
) => Float64Array | Promise<Float64Array>;

export interface SdeBoundOptions {
  readonly dim: number;
  /** A path without γ, from a Gaussian base to the data. */
  readonly schedule: Schedule;
  /** Times a point and repetition, at each of which a noise and its negative are tried. */
  readonly times?: number;
  /** Repetitions with fresh times and noise, at least 2: their spread is the Monte Carlo error. */
  readonly repetitions?: number;
  /** Standard deviation of z, 1 if not given. */
  readonly baseScale?: number;
  /** Times that the field knows; the SDE runs between them. All, if not given. */
  readonly range?: { readonly low: number; readonly high: number };
  /**
   * The noise at which the SDE ends, as a standard deviation on the data: less than their finest detail. What is
   * left is a Gaussian of this width around the denoised point.
   */
  readonly truncation?: number;
  readonly seed?: number;
  /** Rows evaluated together. */
  readonly tile?: number;
  readonly onProgress?: (share: number) => void | Promise<void>;
}

/** ln(signal/noise) at the noise's end: what is cut off there is of the size e^−14 |x|². */
const FIRST_LOG_SNR = -14;

/** Cells of ln S with a coefficient of the control variate each, and pilot rows a cell. */
const CELLS = 32;
const PILOTS = 64;
/** Their rows' step of the stream; the repetitions count up from 1. */
const PILOT_STEP = 2 ** 30;

/**
 * The variational lower bound on ln p(x) of the SDE that undoes the noising of a one-sided Gaussian path, with the
 * diffusion coefficient at which that noising is linear (score SDE's g² = 2ε). With S = β²/(α²s²) and
 * x_t = αsz + βx, so that the base is N(0, s²I):
 *
 * ln p(x) ≥ E ln N(x; E[x1|x_{t1}], I/S(t1)) − ½S(t0)|x|² − ½∫ E|z − ẑ|² d ln S from t0 to t1,
 *
 * z − ẑ = β/(sW)·(b̂ − α̇sz − β̇x), W = αβ̇ − α̇β, the error of the noise that the field predicts. For the exact field
 * it is ln p(x) itself, up to the truncation, whose cost is of second order in 1/(S(t1)·variance).
 *
 * Times lie evenly in ln S, shifted at random for every point; the noise comes in pairs ±z, less a control variate
 * a(S)·(|z|² − d) of mean 0, whose coefficient a pilot with noise of its own regresses.
 * Source: Kingma et al., "Variational diffusion models", arXiv 2107.00630, eqs. 11–15; Song et al., arXiv 2101.09258,
 * theorem 3 and appendix A (the truncation).
 * @param velocity b̂
 * @param x [n·dim], in the coordinates of the field
 * @throws TributaryError('bad-input') for a path with γ or options that make no sense
 */
export async function sdeBound(
  velocity: VelocityAtRows,
  x: Float64Array,
  options: SdeBoundOptions,
): Promise<LikelihoodBound> {
  const { dim, schedule, times = 32, repetitions = 2, baseScale = 1, truncation = 1e-3 } = options;
  const { range: known = { low: 0, high: 1 }, seed = 0, tile = 8192, onProgress } = options;
  const n = x.length / dim;
  if (!Number.isInteger(n) || n < 1) badInput(`${x.length} numbers are not rows of ${dim} coordinates`);
  if (schedule.gamma.name !== 'none')
    badInput('this bound is of one-sided paths; a path with γ has the KL bound of its excess losses');
  if (!Number.isInteger(times) || times < 1) badInput(`times is ${times}; it must be 1 or more`);
  if (!Number.isInteger(repetitions) || repetitions < 2)
    badInput(`repetitions is ${repetitions}; the Monte Carlo error needs 2 or more`);
  if (!(truncation > 0 && truncation < 1))
    badInput(`truncation is ${truncation}; it must lie between 0 and 1`);
  const noising = new Noising(velocity, x, dim, schedule, baseScale);
  const first = Math.max(FIRST_LOG_SNR, noising.logSnr(known.low));
  const last = Math.min(-2 * Math.log(truncation), noising.logSnr(known.high));
  const range = last - first;
  if (!(range > 0)) badInput(`the path has no noise between ${known.low} and the truncation ${truncation}`);

  const pilots = permutedTurns(CELLS * PILOTS, n, seed, STREAM.bound, PILOT_STEP);
  const pilot = await noising.errors(CELLS * PILOTS, new CounterRandom(seed, STREAM.bound, 0), (row) => ({
    point: pilots[row],
    logSnr: first + (range * (Math.floor(row / PILOTS) + ((row % PILOTS) + 0.5) / PILOTS)) / CELLS,
  }));
  const coefficient = Float64Array.from({ length: CELLS }, (_, cell) =>
    slope(
      pilot.error.subarray(cell * PILOTS, (cell + 1) * PILOTS),
      pilot.square.subarray(cell * PILOTS, (cell + 1) * PILOTS),
    ),
  );
  const controlAt = (logSnr: number) =>
    coefficient[Math.min(CELLS - 1, Math.floor((CELLS * (logSnr - first)) / range))];

  // Of every repetition, point by point; all times of a point, then the truncated end.
  const perPoint = times + 1;
  const estimates = Array.from({ length: repetitions }, () => new Float64Array(n));
  const constant = -0.5 * dim * (Math.log(2 * Math.PI) - last);
  const before = 0.5 * Math.exp(first);
  const together = Math.max(1, Math.floor(tile / (2 * perPoint)));
  for (const [repetition, estimate] of estimates.entries()) {
    const noise = new CounterRandom(seed, STREAM.bound, 2 * repetition + 1);
    const shifts = new CounterRandom(seed, STREAM.bound, 2 * repetition + 2);
    for (let begin = 0; begin < n; begin += together) {
      const count = Math.min(together, n - begin);
      const where = (row: number) => {
        const point = begin + Math.floor(row / (2 * perPoint));
        const index = (row >> 1) % perPoint;
        const share = (index + shifts.uniform(point)) / times;
        return { point, logSnr: index === times ? last : first + range * share };
      };
      const rows = 2 * perPoint * count;
      const { error, square } = await noising.errors(rows, noise, where, 2 * perPoint * begin);
      for (let row = 0; row < rows; row++) {
        const { point, logSnr } = where(row);
        // Half of a pair; of the truncated end, or of one of the times.
        const weight = 0.5 * (logSnr === last ? 1 : range / times);
        estimate[point] -= weight * (error[row] - controlAt(logSnr) * (square[row] - dim));
      }
      for (let point = begin; point < begin + count; point++) {
        let norm = 0;
        for (let i = point * dim; i < (point + 1) * dim; i++) norm += x[i] ** 2;
        estimate[point] += constant - before * norm;
      }
      await onProgress?.((repetition + (begin + count) / n) / repetitions);
    }
  }
  const moments = Array.from({ length: n }, (_, i) => meanAndError(estimates.map((one) => one[i])));
  const variance = moments.reduce((sum, { standardError }) => sum + standardError ** 2, 0);
  return {
    ...{ kind: 'bound', side: 'lower', dim },
    nats: Float64Array.from(moments, ({ mean }) => mean),
    monteCarloError: Math.sqrt(variance) / n,
  };
}

/** Regresses y on x. */
function slope(y: Float64Array, x: Float64Array): number {
  const [my, mx] = [meanAndError(y).mean, meanAndError(x).mean];
  let [above, below] = [0, 0];
  x.forEach((value, i) => {
    above += (value - mx) * (y[i] - my);
    below += (value - mx) ** 2;
  });
  return below > 0 ? above / below : 0;
}

/** Noises points and asks how wrong a field is about the noise. */
class Noising {
  private readonly c = coefficients();

  constructor(
    private readonly velocity: VelocityAtRows,
    private readonly x: Float64Array,
    private readonly dim: number,
    private readonly schedule: Schedule,
    private readonly baseScale: number,
  ) {}

  /**
   * @param rows an even number: row 2k + 1 has the negative of row 2k's noise
   * @param at a row's point and its ln S
   * @param firstRow addresses the noise
   * @returns ½|z − ẑ|² and |z|² of every row
   */
  async errors(
    rows: number,
    noise: CounterRandom,
    at: (row: number) => { point: number; logSnr: number },
    firstRow = 0,
  ): Promise<{ error: Float64Array; square: Float64Array }> {
    const { dim, schedule, baseScale, c } = this;
    const t = new Float64Array(rows);
    const owner = new Uint32Array(rows);
    const noised = new Float64Array(rows * dim);
    const target = new Float64Array(rows * dim);
    const scale = new Float64Array(rows);
    const square = new Float64Array(rows);
    for (let row = 0; row < rows; row++) {
      const { point, logSnr } = at(row);
      owner[row] = point;
      t[row] = this.timeAt(logSnr);
      schedule.at(t[row], c);
      scale[row] = c.beta / (baseScale * (c.alpha * c.betaDot - c.alphaDot * c.beta));
      const sign = row % 2 === 0 ? 1 : -1;
      for (let i = 0; i < dim; i++) {
        const z = sign * noise.normal(((firstRow + row) >> 1) * dim + i);
        const data = this.x[point * dim + i];
        noised[row * dim + i] = c.alpha * baseScale * z + c.beta * data;
        target[row * dim + i] = c.alphaDot * baseScale * z + c.betaDot * data;
        square[row] += z * z;
      }
    }
    const field = await this.velocity(t, noised, owner);
    const error = scale.map((factor, row) => {
      let sum = 0;
      for (let i = row * dim; i < (row + 1) * dim; i++) sum += (field[i] - target[i]) ** 2;
      return 0.5 * factor * factor * sum;
    });
    return { error, square };
  }

  /** ln S, S = β²/(α s)² */
  logSnr(t: number): number {
    const { alpha, beta } = this.schedule.at(t, this.c);
    return 2 * Math.log(beta / (alpha * this.baseScale));
  }

  /** t at a given ln S, by bisection: S rises along a one-sided path. */
  private timeAt(logSnr: number): number {
    const { schedule, baseScale, c } = this;
    const ratio = Math.exp(0.5 * logSnr) * baseScale;
    let [low, high] = [0, 1];
    for (let i = 0; i < 53; i++) {
      const middle = (low + high) / 2;
      schedule.at(middle, c);
      if (c.beta < ratio * c.alpha) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  }
}
