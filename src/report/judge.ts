import { formatNumber, formatValue } from './format.js';
import type { MetricRow, ReportInput } from './types.js';

/**
 * How far a metric is from what perfect samples score: 'at' cannot be told from perfect samples, 'beyond' is
 * past them on the side that is called better, which is no merit; 'unknown' where it cannot be compared.
 */
export type Level = 'beyond' | 'at' | 'near' | 'above' | 'far' | 'unknown';

export interface Judgement {
  level: Level;
  /** How many times its floor the metric is, 1 being perfect; absent where a ratio means nothing. */
  ratio?: number;
  /** The same for the training set. */
  trainingRatio?: number;
  /** In words, such as '3.3 × its floor'. */
  text: string;
}

/**
 * Value over floor, turned so that larger is worse. Of a share that should be high, such as purity, what is
 * missing counts: 90 % against 99 % is ten times as much missing. Infinity, 0/0, signs and shares that n points do not
 * resolve have no ratio.
 */
function ratioToFloor({ better, unit, floor, n }: MetricRow, value: number | undefined): number | undefined {
  if (value === undefined || (better === 'higher' && unit !== 'fraction')) return undefined;
  const missing = (share: number) => (better === 'higher' ? 1 - share : share);
  // A share below one in n points is not seen among them: how many times it another is says nothing.
  if (unit === 'fraction' && missing(floor) < 1 / n) return undefined;
  const ratio = missing(value) / missing(floor);
  return Number.isFinite(ratio) && ratio > 0 && floor >= 0 ? ratio : undefined;
}

/**
 * A metric is 'at' what perfect samples score inside their range and nowhere else; the words for what is outside go by
 * the ratio to the floor, or by the difference where there is none.
 */
function level(row: MetricRow, deficit: number, ratio: number | undefined): Level {
  const { perfect, floorStd = 0, better, unit, floor, value } = row;
  if (perfect) {
    const [low, high] = perfect;
    if (value >= low && value <= high) return 'at';
    if (better === 'lower' ? value < low : value > high) return 'beyond';
  } else if (deficit === 0 || Math.abs(deficit) <= 2 * floorStd) return 'at';
  else if (deficit < -3 * floorStd) return 'beyond';
  else if (deficit < 0) return 'at';
  if (ratio !== undefined) return ratio <= 2 ? 'near' : ratio <= 10 ? 'above' : 'far';
  // Without a ratio: shares by their difference, everything else by its size.
  const relative = unit === 'fraction' ? deficit : deficit / Math.max(Math.abs(floor), 1e-12);
  return relative <= 0.05 ? 'near' : relative <= 0.25 ? 'above' : 'far';
}

/**
 * Compares a metric with its floor.
 * @param against the training points: there a copy of them scores best, so that only what has a range of its own, such
 *   as the share of copies, is judged
 */
export function judge(row: MetricRow, against?: ReportInput['against']): Judgement {
  const { value, floor, better, unit } = row;
  if (!Number.isFinite(value) || !Number.isFinite(floor))
    return { level: 'unknown', text: 'cannot be compared' };
  if (against === 'training points' && row.perfect === undefined)
    return { level: 'unknown', text: 'not judged: compared with the training points' };
  const bound = better === 'lower' ? 'floor' : 'ceiling';
  const deficit = better === 'lower' ? value - floor : floor - value;
  const ratio = ratioToFloor(row, value);
  const trainingRatio = ratioToFloor(row, row.training);
  const found = level(row, deficit, ratio);
  const ratios = {
    ...(ratio === undefined ? {} : { ratio }),
    ...(trainingRatio === undefined ? {} : { trainingRatio }),
  };
  if (found === 'at') return { level: found, ...ratios, text: `as perfect samples score` };
  if (found === 'beyond')
    return {
      level: found,
      ...ratios,
      text: `${better === 'lower' ? 'below' : 'above'} what perfect samples score`,
    };
  if (ratio !== undefined) {
    const what = better === 'lower' ? `its ${bound}` : 'the shortfall of perfect samples';
    return { level: found, ...ratios, text: `${formatNumber(ratio)} × ${what}` };
  }
  const side = better === 'lower' ? 'above' : 'below';
  const size = unit === 'fraction' ? `${formatNumber(100 * deficit)} points` : formatValue(deficit, unit);
  return { level: found, ...ratios, text: `${size} ${side} its ${bound}` };
}
