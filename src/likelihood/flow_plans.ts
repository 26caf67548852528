import type { Backend, Plan } from '../backend/backend.js';
import { Holdings } from '../backend/holdings.js';
import type { Trace } from '../backend/trace.js';

/** What moves some points along a flow: their starts and probes drawn, and a step. */
export interface FlowTraces {
  readonly start: Trace;
  readonly probe: Trace | null;
  readonly step: Trace;
}

/** The same, compiled. */
export class FlowPlans {
  private constructor(
    private readonly held: Holdings,
    readonly start: Plan,
    readonly probe: Plan | null,
    readonly step: Plan,
  ) {}

  static compile(engine: Backend, { start, probe, step }: FlowTraces): Promise<FlowPlans> {
    return Holdings.make(
      engine,
      async (held) =>
        new FlowPlans(
          held,
          await held.compile(start, 'start of a flow'),
          probe && (await held.compile(probe, 'probes of a flow')),
          await held.compile(step, 'step with divergence'),
        ),
    );
  }

  destroy(): void {
    this.held.release();
  }
}
