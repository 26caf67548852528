import { SCHEDULE, SCHEDULE_COLUMNS } from '../backend/contracts/optimizer.js';
import { badInput } from '../errors.js';

/** AdamW with warm-up, decay, clipping and a moving average of the parameters. */
export interface OptimizerConfig {
  /** Peak learning rate. */
  readonly learningRate: number;
  /** Steps over which the rate rises linearly to its peak; at most a tenth of the run. */
  readonly warmup: number;
  /** `cosine` falls to 0 at the end of the run (Loshchilov & Hutter, arXiv 1608.03983), `constant` stays. */
  readonly decay: 'cosine' | 'constant';
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** Largest global norm of the gradient; 0 for no clipping. */
  readonly clip: number;
  /** Largest decay of the moving average; it warms up as (1 + k)/(10 + k). 0 for none. */
  readonly ema: number;
}

export const DEFAULT_OPTIMIZER: OptimizerConfig = {
  learningRate: 4e-3,
  warmup: 100,
  decay: 'cosine',
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weightDecay: 0,
  clip: 1,
  ema: 0.999,
};

/** @throws TributaryError('bad-input') naming the first setting that makes no sense */
export function checkOptimizerConfig(config: OptimizerConfig): void {
  const inside = (key: keyof OptimizerConfig, low: number, high: number, what: string) => {
    const value = config[key] as number;
    if (!(value >= low && value < high)) badInput(`optimiser ${key} is ${value}; it must be ${what}`);
  };
  if (!(config.learningRate > 0 && config.learningRate < 10)) {
    badInput(`learning rate is ${config.learningRate}; it must be above 0 and below 10`);
  }
  inside('warmup', 0, 2 ** 31, '0 or more steps');
  inside('beta1', 0, 1, 'from 0 to below 1');
  inside('beta2', 0, 1, 'from 0 to below 1');
  inside('eps', 0, 1, 'from 0 to below 1');
  inside('weightDecay', 0, 1e6, '0 or more');
  inside('clip', 0, Number.POSITIVE_INFINITY, '0 (off) or more');
  inside('ema', 0, 1, 'from 0 (off) to below 1');
  if (config.decay !== 'cosine' && config.decay !== 'constant') {
    badInput(`optimiser decay is "${config.decay}"; it must be "cosine" or "constant"`);
  }
}

/**
 * The learning rate of step k = 1 … total, above 0 for every one of them. The cosine is taken in the middle of the
 * step: at its end the last step of a run, and the only one of `--steps 1`, would change nothing. The mean over the
 * decay is half the peak, exactly, as the integral's.
 */
export function learningRate(config: OptimizerConfig, k: number, total: number): number {
  // At most a tenth of the run: a short one must still reach its peak and come down.
  const warmup = Math.min(config.warmup, Math.floor(total / 10));
  const rise = warmup > 0 ? Math.min(1, k / warmup) : 1;
  if (config.decay === 'constant') return config.learningRate * rise;
  const progress = Math.min(1, Math.max(0, (k - 0.5 - warmup) / (total - warmup)));
  return config.learningRate * rise * 0.5 * (1 + Math.cos(Math.PI * progress));
}

/**
 * Rows of the schedule table for `count` steps behind the first `done`; see `contracts/optimizer.ts` for the
 * columns. A row depends on nothing but its step, so that a resumed run repeats it to the bit.
 */
export function scheduleRows(
  config: OptimizerConfig,
  done: number,
  count: number,
  total: number,
): Float64Array {
  const rows = new Float64Array(count * SCHEDULE_COLUMNS);
  for (let i = 0; i < count; i++) {
    const k = done + i + 1;
    const row = i * SCHEDULE_COLUMNS;
    rows[row + SCHEDULE.learningRate] = learningRate(config, k, total);
    rows[row + SCHEDULE.correction1] = 1 - config.beta1 ** k;
    rows[row + SCHEDULE.correction2] = 1 - config.beta2 ** k;
    rows[row + SCHEDULE.emaDecay] = Math.min(config.ema, (1 + k) / (10 + k));
  }
  return rows;
}
