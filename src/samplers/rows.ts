import { diffusionOf } from './diffusion.js';
import type { Field } from './field.js';
import { enteringStep, heldStep } from './ode_steps.js';
import { langevinStep } from './sde_steps.js';
import { isBeyond, segmentsOf } from './segments.js';
import { DEFAULT_CHURN, DEFAULT_CORRECTOR, type Solver, type StepPlace } from './solver.js';
import type { StepBuilder } from './step.js';
import type { LastStep, TableOptions } from './table_options.js';
import { Terms } from './terms.js';

/** A row to be: where it goes, and how it is written down. */
export interface Row {
  readonly from: number;
  readonly to: number;
  readonly write: (builder: StepBuilder) => void;
}

/** Ends an SDE without noise: SiT's last steps. */
function lastRow(kind: Exclude<LastStep, 'none'>, place: StepPlace): Row['write'] {
  const { t, next, epsilon, field, hold } = place;
  const { clock } = field;
  return (builder) => {
    if (kind === 'tweedie') builder.result = builder.data(t, Terms.x);
    else if (hold) builder.result = heldStep(builder, field, t, next);
    else {
      builder.result = Terms.x.plus(builder.motion(t, Terms.x), clock.uOf(next) - clock.uOf(t));
      // Where ε is 0 the score may be infinite.
      if (kind === 'mean' && epsilon(t) > 0)
        builder.result = builder.result.plus(builder.score(t, Terms.x), Math.abs(next - t) * epsilon(t));
    }
  };
}

/** The rows of a solver on a time grid. */
export function rowsOf(solver: Solver, grid: Float64Array, field: Field, options: TableOptions): Row[] {
  const steps = grid.length - 1;
  const { lastStep = 'none' } = options;
  const churn = { ...DEFAULT_CHURN, ...options.churn };
  const corrector = { ...DEFAULT_CORRECTOR, ...options.corrector };
  const diffusion = solver.freeDiffusion
    ? diffusionOf(field, options.diffusion ?? { name: 'sigma', scale: 1 })
    : () => 0;
  const rows: Row[] = [];
  let before: number | null = null;
  for (const { from, to, kind, index, ends } of segmentsOf(grid, field, solver, lastStep !== 'none')) {
    if (kind === 'enter') {
      rows.push({ from, to, write: (builder) => enteringStep(builder, field, from, to) });
    } else {
      const epsilon = (time: number) => diffusion(time, to - from);
      const hold = kind === 'hold';
      const place: StepPlace = {
        t: from,
        next: to,
        before,
        hold,
        index,
        steps,
        field,
        epsilon,
        churn,
        corrector,
      };
      const last = ends && index === steps - 1 && lastStep !== 'none';
      rows.push({
        ...{ from, to },
        write: last ? lastRow(lastStep, place) : (builder) => solver.step(builder, place),
      });
      before = from;
    }
    // Beyond the trained range there is no score to correct by.
    if (!solver.corrects || !ends || index === steps - 1 || isBeyond(field, to)) continue;
    for (let k = 0; k < corrector.steps; k++) {
      rows.push({ from: to, to, write: (builder) => langevinStep(builder, to, field, corrector.ratio) });
    }
  }
  return rows;
}
