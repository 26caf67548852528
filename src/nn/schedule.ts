import { SCHEDULE, SCHEDULE_COLUMNS } from '../backend/contracts/optimizer.js';
import { checkSettings, type Description, type SettingsOf, usualOf } from '../settings.js';

export const decayNames = ['cosine', 'constant'] as const;

/** AdamW with warm-up, decay, clipping and a moving average of the parameters. */
export const OPTIMIZER_SETTINGS = {
  /** Peak learning rate. */
  learningRate: { kind: 'number', usual: 4e-3, above: 0, below: 10, help: 'peak learning rate' },
  /** Steps over which the rate rises linearly to its peak; at most a tenth of the run. */
  warmup: {
    ...{ kind: 'number', usual: 100, least: 0, below: 2 ** 31, unit: 'steps' },
    help: 'steps until the peak, at most a tenth of the run',
  },
  /** `cosine` falls to 0 at the end of the run (Loshchilov & Hutter, arXiv 1608.03983), `constant` stays. */
  decay: { kind: 'choice', usual: 'cosine', names: decayNames, help: 'what the rate does behind its peak' },
  beta1: { kind: 'number', usual: 0.9, least: 0, below: 1, symbol: 'β₁', help: 'decay of the first moment' },
  beta2: {
    kind: 'number',
    usual: 0.999,
    least: 0,
    below: 1,
    symbol: 'β₂',
    help: 'decay of the second moment',
  },
  eps: {
    kind: 'number',
    usual: 1e-8,
    least: 0,
    below: 1,
    symbol: 'ε',
    help: 'added to the second moment’s root',
  },
  weightDecay: {
    kind: 'number',
    usual: 0,
    least: 0,
    below: 1e6,
    zero: 'off',
    help: 'decoupled weight decay',
  },
  /** Largest global norm of the gradient; 0 for no clipping. */
  clip: { kind: 'number', usual: 1, least: 0, zero: 'off', help: 'largest global norm of the gradient' },
  /** Largest decay of the moving average; it warms up as (1 + k)/(10 + k). 0 for none. */
  ema: {
    ...{ kind: 'number', usual: 0.999, least: 0, below: 1, zero: 'off' },
    help: 'decay of the averaged parameters',
  },
} as const satisfies Description;

export interface OptimizerConfig extends SettingsOf<typeof OPTIMIZER_SETTINGS> {}

export const DEFAULT_OPTIMIZER: OptimizerConfig = usualOf(OPTIMIZER_SETTINGS);

/** @throws TributaryError('bad-input') naming the first setting that makes no sense */
export function checkOptimizerConfig(config: OptimizerConfig): void {
  checkSettings('optimizer', OPTIMIZER_SETTINGS, config);
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
