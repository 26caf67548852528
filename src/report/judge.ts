import { formatNumber, formatValue } from './format.js';
import type { MetricRow } from './types.js';

/**
 * How far a metric is from what perfect samples score: 'at' cannot be told from perfect samples, 'beyond' is
 * better than they are, which no honest sampler should be.
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
 * missing counts: 90 % against 99 % is ten times as much missing. Infinity, 0/0 and signs have no ratio.
 */
function ratioToFloor({ better, unit, floor }: MetricRow, value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  let ratio: number;
  if (better === 'lower') ratio = value / floor;
  else if (unit === 'fraction') ratio = (1 - value) / (1 - floor);
  else return undefined;
  return Number.isFinite(ratio) && ratio > 0 && floor >= 0 ? ratio : undefined;
}

function level(row: MetricRow, deficit: number, ratio: number | undefined): Level {
  const spread = row.floorStd;
  if (spread !== undefined && spread > 0) {
    if (deficit < -3 * spread) return 'beyond';
    if (deficit <= 2 * spread) return 'at';
  }
  if (ratio !== undefined) {
    if (spread === undefined && ratio < 0.5) return 'beyond';
    if (ratio <= 1.2) return 'at';
    return ratio <= 2 ? 'near' : ratio <= 10 ? 'above' : 'far';
  }
  // Without a ratio: shares by their difference, everything else by its size.
  const relative = row.unit === 'fraction' ? deficit : deficit / Math.max(Math.abs(row.floor), 1e-12);
  if (relative <= 0.005) return 'at';
  return relative <= 0.05 ? 'near' : relative <= 0.25 ? 'above' : 'far';
}

/** Compares a metric with its floor. */
export function judge(row: MetricRow): Judgement {
  const { value, floor, better, unit } = row;
  if (!Number.isFinite(value) || !Number.isFinite(floor))
    return { level: 'unknown', text: 'cannot be compared' };
  const bound = better === 'lower' ? 'floor' : 'ceiling';
  const deficit = better === 'lower' ? value - floor : floor - value;
  const ratio = ratioToFloor(row, value);
  const trainingRatio = ratioToFloor(row, row.training);
  const found = level(row, deficit, ratio);
  const ratios = {
    ...(ratio === undefined ? {} : { ratio }),
    ...(trainingRatio === undefined ? {} : { trainingRatio }),
  };
  if (found === 'at') return { level: found, ...ratios, text: `at its ${bound}` };
  if (found === 'beyond') return { level: found, ...ratios, text: `better than perfect samples` };
  if (ratio !== undefined) {
    const what = better === 'lower' ? `its ${bound}` : 'the shortfall of perfect samples';
    return { level: found, ...ratios, text: `${formatNumber(ratio)} × ${what}` };
  }
  const side = better === 'lower' ? 'above' : 'below';
  const size = unit === 'fraction' ? `${formatNumber(100 * deficit)} points` : formatValue(deficit, unit);
  return { level: found, ...ratios, text: `${size} ${side} its ${bound}` };
}
