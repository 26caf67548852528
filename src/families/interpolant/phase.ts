import type { DeviceArray } from '../../backend/kernel.js';
import { recordBatch } from '../../interpolant/batch.js';
import { scheduleOf } from '../../interpolant/config.js';
import type { Schedule } from '../../interpolant/schedule.js';
import type { Phase } from '../../model/phase.js';
import { squaredError } from '../../nn/ops/loss.js';
import type { InterpolantSettings } from './settings.js';

/** The observed number that tells how far an entropic plan is off the base's marginal: see `recordCoupling`. */
export const MARGINAL_ERROR = 'marginalError';

/**
 * The objective of every interpolant: at x_t = αx0 + βx1 + γz each head learns its own conditional expectation,
 * ½E w|f(x_t, t) − target|². Source: arXiv 2303.08797, §2.
 * @param own a path and γ of the caller's own, in place of those that the settings name
 */
export function interpolantPhase(settings: InterpolantSettings, own?: Schedule): Phase {
  return {
    name: 'regression',
    trains: settings.heads,
    record(step) {
      const { tape, rows: batch, source, clock, seed, classes, labelDropout } = step;
      const schedule = own ?? scheduleOf(settings);
      const drawn = recordBatch(tape.trace, settings, {
        ...{ batch, seed, classes, labelDropout, clock, source, schedule },
        upload: (values, label, dtype) => step.upload(values, label, dtype),
      });
      if (drawn.marginalError) step.observe(MARGINAL_ERROR, drawn.marginalError);
      const x = tape.constant(drawn.x, batch, source.dim);
      const t = tape.constant(drawn.t, batch, 1);
      const losses = settings.heads.map((head) => {
        const prediction = step.net(head)(x, t, drawn.label);
        const target = drawn.targets.get(head) as DeviceArray;
        const rows = squaredError(tape, prediction, target, 1 / (2 * batch), drawn.weights?.get(head));
        return [head, { rows, started: true as const }] as const;
      });
      return Object.fromEntries(losses);
    },
  };
}
