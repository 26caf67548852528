import { TIME_COLUMNS, TIME_TABLE } from '../backend/contracts/draw.js';
import { badInput } from '../errors.js';
import { type InterpolantConfig, isTwoSided, scheduleOf } from './config.js';
import { edmCoefficients, type Head, headTarget, oneSidedConversion } from './heads.js';
import { type Coefficients, coefficients, type Schedule } from './schedule.js';

/** Closer to an end than this no time is used where something there is infinite. */
export const TIME_MARGIN = 1e-4;

/** Φ⁻¹ by bisection of Φ, from erfc's continued fraction and series: exact to rounding, used on the host only. */
function normalQuantile(p: number): number {
  let [low, high] = [-9, 9];
  for (let k = 0; k < 60; k++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Φ(x): the series of erf near 0, Lentz's continued fraction in the tails (Abramowitz & Stegun 7.1.5, 7.1.14). */
export function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  if (z < 2.5) {
    let [term, sum] = [z, z];
    for (let n = 1; Math.abs(term) > 1e-17 * sum && n < 200; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    return 0.5 + Math.sign(x) * (sum / Math.sqrt(Math.PI));
  }
  let fraction = 0;
  for (let n = 80; n >= 1; n--) fraction = n / 2 / (z + fraction);
  const tail = Math.exp(-z * z) / (Math.sqrt(Math.PI) * (z + fraction)) / 2;
  return x < 0 ? tail : 1 - tail;
}

/** The t at which ln(α/β) of a path has a value, by bisection: it falls with t. */
export function timeOfLogSigma(schedule: Schedule, logSigma: number): number {
  let [low, high] = [0, 1];
  const c = coefficients();
  for (let k = 0; k < 100 && high - low > 0; k++) {
    const middle = (low + high) / 2;
    schedule.at(middle, c);
    if (Math.log(c.alpha) - Math.log(c.beta) > logSigma) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The time below which a share u of training's times lies, inside [timeMin, timeMax]. */
export function timeQuantile(config: InterpolantConfig, schedule: Schedule): (u: number) => number {
  const { timeMin, timeMax, timeDistribution, timeMean, timeStd } = config;
  if (timeDistribution === 'uniform') return (u) => timeMin + (timeMax - timeMin) * u;
  // Of [timeMin, timeMax] itself: an end is met as t, not cut off.
  if (timeDistribution === 'arcsine')
    return (u) => timeMin + (timeMax - timeMin) * Math.sin((Math.PI / 2) * u) ** 2;
  const clamp = (t: number) => Math.min(timeMax, Math.max(timeMin, t));
  if (timeDistribution === 'logit-normal')
    return (u) => clamp(1 / (1 + Math.exp(-(timeMean + timeStd * normalQuantile(u)))));
  // Large σ is early: the quantile runs backwards.
  return (u) => clamp(timeOfLogSigma(schedule, timeMean - timeStd * normalQuantile(u)));
}

/** The weight on ‖x̂1 − x1‖² at one t. */
function dataWeight(config: InterpolantConfig, c: Coefficients): number {
  const { alpha, beta } = c;
  const { sigmaData } = config;
  const snr = (beta * beta) / (alpha * alpha);
  switch (config.weighting) {
    case 'snr':
      return snr;
    case 'min-snr':
      return Math.min(snr, 5);
    case 'likelihood':
      return (c.betaBetaDot * alpha * alpha - beta * beta * c.alphaAlphaDot) / alpha ** 4;
    case 'edm': {
      const square = (alpha * alpha) / (beta * beta);
      return (square + sigmaData ** 2) / (square * sigmaData ** 2);
    }
    default:
      return 1;
  }
}

/** The weight on a head's own squared error at one t, before it is scaled to a mean of 1. */
function headWeight(config: InterpolantConfig, head: Head, c: Coefficients): number {
  if (config.weighting === 'none') return 1;
  const { head: factor } = oneSidedConversion(head, 'data', c, config.sigmaData);
  return dataWeight(config, c) * factor * factor;
}

/**
 * What a network is given at one t: its input is `scale`·x, its time `time`.
 * EDM's sees c_in x and ¼ ln σ (2206.00364, table 1), every other x and t.
 */
export function networkInput(
  config: Pick<InterpolantConfig, 'sigmaData'>,
  head: Head,
  t: number,
  c: Coefficients,
): { scale: number; time: number } {
  if (head !== 'edm') return { scale: 1, time: t };
  const { input, noise } = edmCoefficients(c, config.sigmaData);
  return { scale: input, time: noise };
}

/**
 * Where a config's networks are evaluated and trained: [timeMin, timeMax] less a margin at an end where its head,
 * its γ or its weighting is infinite. A solver's step may begin or end outside; it evaluates at the nearest time
 * inside.
 */
export function timeRange(
  config: InterpolantConfig,
  schedule = scheduleOf(config),
): { low: number; high: number } {
  const { timeMin, timeMax, path, weighting } = config;
  const inner = { low: Math.max(timeMin, TIME_MARGIN), high: Math.min(timeMax, 1 - TIME_MARGIN) };
  if (isTwoSided(config)) return inner;
  const [start, end] = [schedule.at(0), schedule.at(1)];
  const head = config.heads[0];
  const signalAtStart = start.beta > 0 || head === 'velocity' || head === 'drift' || head === 'data';
  const steep = !(Math.abs(end.alphaDot) < 1e3);
  const noiseAtEnd =
    end.alpha > 0 || ((head === 'velocity' || head === 'drift') && !steep && weighting === 'none');
  let high = noiseAtEnd ? timeMax : inner.high;
  if (path === 'edm') high = Math.min(timeMax, 1 - config.sigmaMin / config.sigmaMax);
  return { low: signalAtStart ? timeMin : inner.low, high };
}

/**
 * The table that training draws its times from: row k holds what belongs to the quantile (k + ½)/cells of the
 * time distribution. Everything about path, γ, heads and weighting is in it, computed in float64 on the host,
 * so that one kernel serves them all and no device evaluates a cosine. With 16 384 rows the mean over them is
 * the integral over t to 1e-8 of a smooth integrand.
 * @param schedule the config's own, or one of the user's
 * @returns [cells, TIME_COLUMNS]
 * @throws TributaryError('bad-input') where a coefficient is not finite, saying at which t
 */
export function timeTable(
  config: InterpolantConfig,
  cells: number,
  schedule = scheduleOf(config),
): Float64Array {
  const { low, high } = timeRange(config, schedule);
  const quantile = timeQuantile(config, schedule);
  const twoSided = isTwoSided(config) || schedule.gamma.name !== 'none';
  const table = new Float64Array(cells * TIME_COLUMNS);
  const c = coefficients();
  const { heads } = config;
  const sums = heads.map(() => 0);
  for (let k = 0; k < cells; k++) {
    const t = Math.min(high, Math.max(low, quantile((k + 0.5) / cells)));
    schedule.at(t, c);
    const row = table.subarray(k * TIME_COLUMNS, (k + 1) * TIME_COLUMNS);
    const { scale, time } = networkInput(config, heads[0], t, c);
    row[TIME_TABLE.time] = time;
    row.set([scale * c.alpha, scale * c.beta, scale * c.gamma], TIME_TABLE.x);
    heads.forEach((head, h) => {
      row.set(
        headTarget(head, c, twoSided, config.sigmaData),
        h === 0 ? TIME_TABLE.first : TIME_TABLE.second,
      );
      const weight = headWeight(config, head, c);
      row[TIME_TABLE.weight + h] = weight;
      sums[h] += weight / cells;
    });
    if (!row.every(Number.isFinite))
      badInput(`the ${heads.join(' and ')} of the ${config.path} path has no finite target at t = ${t}`);
  }
  for (let k = 0; k < cells; k++)
    for (let h = 0; h < heads.length; h++) table[k * TIME_COLUMNS + TIME_TABLE.weight + h] /= sums[h];
  return table;
}
