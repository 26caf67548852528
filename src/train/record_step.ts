import { clockAdvance, SCHEDULE_COLUMNS } from '../backend/contracts/optimizer.js';
import type { Holdings } from '../backend/holdings.js';
import type { DeviceArray } from '../backend/kernel.js';
import type { Trace } from '../backend/trace.js';
import type { Model } from '../model/model.js';
import type { Phase, Source, Stage } from '../model/phase.js';
import type { RunConfig } from '../model/run_config.js';
import { type AdamW, sum } from '../nn/optimizer.js';
import type { OptimizerConfig } from '../nn/schedule.js';
import { Recording } from './recording.js';

/** Steps between two looks at the losses; also the rows of the tables on the device. */
export const CHUNK = 128;

/** What is trained, how, and on what. */
export interface Training<S extends object = object> {
  readonly config: RunConfig<S>;
  /** Made for training; the trainer destroys it. */
  readonly model: Model;
  readonly stage: Stage<S>;
  readonly steps: number;
  readonly source: Source;
}

/** One update in a step: a phase's, in one of its turns. */
export interface Turn {
  readonly config: OptimizerConfig;
  readonly schedule: DeviceArray;
  readonly times: number;
  readonly at: number;
}

/** What a step leaves behind, a number a step in each: [CHUNK]. */
export interface Histories {
  readonly losses: ReadonlyMap<string, DeviceArray>;
  /** By which a loss's history is to be multiplied. */
  readonly scales: ReadonlyMap<string, number>;
  readonly observed: ReadonlyMap<string, DeviceArray>;
  /** Squared global norms of the phases' last gradients. */
  readonly norms: readonly DeviceArray[];
}

/** Between the seeds of two turns: of phases, and of the turns of a phase. */
const TURN_SEED = 7_368_787;

/** The settings of a phase's optimiser. */
const optimizerOf = ({ optimizer, optimizers }: RunConfig, phase: string): OptimizerConfig => ({
  ...optimizer,
  ...optimizers?.[phase],
});

/** Records a step: every phase in its turns, each from the draw of its batch to the update of its parameters. */
export function recordStep<S extends object>(
  held: Holdings,
  { config, model, stage, source }: Training<S>,
  optimizer: AdamW,
  clock: DeviceArray,
  trace: Trace,
): { turns: Turn[]; histories: Histories } {
  const { engine, store } = model;
  const { batch: rows, labelDropout } = config;
  const setting = { engine, trace, model, average: optimizer.average, clock, source, rows, held };
  const losses = new Map<string, DeviceArray>();
  const scales = new Map<string, number>();
  const observed = new Map<string, DeviceArray>();
  const norms: DeviceArray[] = [];
  const turns: Turn[] = [];
  const history = (of: Map<string, DeviceArray>, name: string, label = name): DeviceArray => {
    const array = of.get(name) ?? held.allocate(CHUNK, label);
    of.set(name, array);
    return array;
  };
  const seed = stage.seed ?? config.seed;
  const recordTurn = (phase: Phase, at: number): void => {
    const own = optimizerOf(config, phase.name);
    const recording = new Recording(
      { ...setting, classes: config.data.classes, labelDropout },
      phase,
      seed + TURN_SEED * turns.length,
    );
    for (const [name, loss] of recording.record()) {
      scales.set(name, loss.scale);
      sum(trace, clock, loss.rows, rows, history(losses, name, `${name} losses`), { history: true });
    }
    for (const [name, value] of recording.observed)
      sum(trace, clock, value, 1, history(observed, name), { history: true });
    const schedule = held.allocate(CHUNK * SCHEDULE_COLUMNS, 'schedule');
    const norm = optimizer.record(trace, clock, schedule, own, store.span(phase.trains));
    const last = at + 1 === (phase.times ?? 1);
    if (last) {
      const kept = held.allocate(CHUNK, `gradient norms of ${phase.name}`);
      norms.push(kept);
      sum(trace, clock, norm, 1, kept, { history: true });
    }
    turns.push({ config: own, schedule, times: phase.times ?? 1, at });
  };
  for (const phase of stage.phases) for (let at = 0; at < (phase.times ?? 1); at++) recordTurn(phase, at);
  trace.call(clockAdvance, { clock }, { by: 1 });
  return { turns, histories: { losses, scales, observed, norms } };
}
