import { badInput } from '../errors.js';
import type { InterpolantConfig } from '../interpolant/config.js';
import type { Schedule } from '../interpolant/schedule.js';

/** Times that a model was trained at. */
interface Range {
  readonly low: number;
  readonly high: number;
}

/**
 * Noise in deviations of the data, at the last trained time, and data in deviations of the noise, at the first: where
 * more is left, what lies beyond is not told by the model. Held from a third, the deviation of the samples is off by
 * some 5 %.
 */
const MOST_LEFT = 1 / 3;

/** Shorter ranges are one time: a distilled model's. */
const ONE_TIME = 1e-6;

/** Whether a model knows the start alone, and takes noise to data in one step. */
export const isDistilled = ({ low, high }: Range): boolean => low === 0 && high < ONE_TIME;

/** The times that a config asks for, whatever is infinite at their ends. */
export const trainedTimes = ({ timeMin, timeMax }: InterpolantConfig): Range => ({
  low: timeMin,
  high: timeMax,
});

/** Why such a model has no likelihood. */
export const NO_FLOW =
  'a distilled model takes noise to data in one step and has no flow; train one without distillation';

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

/**
 * Refuses a range whose ends leave so much to extrapolation that nothing of the samples would be the model's.
 * @param deviation of the data in the network's coordinates
 * @throws TributaryError('bad-input') naming the time up to which the model was trained, and what would do
 */
export function checkTrainedTimes(range: Range, schedule: Schedule, deviation: number): void {
  if (isDistilled(range)) return;
  const [first, last] = [schedule.at(range.low), schedule.at(range.high)];
  const [start, end] = [schedule.at(0), schedule.at(1)];
  const noise = ({ alpha, gamma }: typeof last) => Math.hypot(alpha, gamma);
  // Where a path itself begins with data in its noise, or ends with noise in its data, nothing is left out.
  const left = noise(last) / (last.beta * deviation);
  const ownEnd = noise(end) / (end.beta * deviation);
  if (left > MOST_LEFT && range.high < 1 && left > 1.01 * ownEnd)
    badInput(
      `the model was trained up to t = ${range.high}, where the noise is still ${percent(left)} of the data's deviation, and says nothing of what follows: ` +
        `train it with a timeMax that leaves at most ${percent(MOST_LEFT)}`,
    );
  const early = (first.beta * deviation) / noise(first);
  const ownStart = (start.beta * deviation) / noise(start);
  if (early > MOST_LEFT && range.low > 0 && early > 1.01 * ownStart)
    badInput(
      `the model was trained from t = ${range.low} on, where the data's deviation is already ${percent(early)} of the noise's, and says nothing of what is before: ` +
        `train it with a timeMin that lets in at most ${percent(MOST_LEFT)}`,
    );
}
