import { diffusionOf } from './diffusion.js';
import type { Field } from './field.js';
import { langevinStep } from './sde_steps.js';
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
  const { t, next, epsilon } = place;
  const h = next - t;
  return (builder) => {
    const velocity = builder.velocity(t, Terms.x);
    if (kind === 'tweedie') builder.result = builder.data(t, Terms.x);
    else {
      builder.result = Terms.x.plus(velocity, h);
      // Where ε is 0 the score may be infinite.
      if (kind === 'mean' && epsilon(t) > 0)
        builder.result = builder.result.plus(builder.score(t, Terms.x), Math.abs(h) * epsilon(t));
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
  for (let index = 0; index < steps; index++) {
    const [t, next] = [grid[index], grid[index + 1]];
    const epsilon = (time: number) => diffusion(time, next - t);
    const before = index > 0 ? grid[index - 1] : null;
    const place: StepPlace = { t, next, before, index, steps, field, epsilon, churn, corrector };
    const last = index === steps - 1;
    if (last && lastStep !== 'none') {
      rows.push({ from: t, to: next, write: lastRow(lastStep, place) });
      continue;
    }
    rows.push({ from: t, to: next, write: (builder) => solver.step(builder, place) });
    if (!solver.corrects || last) continue;
    for (let k = 0; k < corrector.steps; k++) {
      rows.push({
        from: next,
        to: next,
        write: (builder) => langevinStep(builder, next, field, corrector.ratio),
      });
    }
  }
  return rows;
}
