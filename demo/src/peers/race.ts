/**
 * Systems take turns on one problem. Their losses must agree before a time counts; times are medians of repetitions,
 * each of which ends when something has been read back.
 */
import { type Problem, probes, type System, samplingFlops, trainingFlops } from './problem.js';

export interface Row {
  readonly work: string;
  readonly system: string;
  readonly version: string;
  /** A step's; 0 where there is none to tell, and `note` says why. */
  readonly median_ms: number;
  readonly gflops: number;
  /** Gigabytes a second, where what is moved is known. */
  readonly gbytes?: number;
  /** This system's time divided by the first one's: above 1 it is slower. */
  readonly ratio: number;
  readonly note?: string;
}

export interface Entry {
  readonly name: string;
  readonly version: string;
  open(problem: Problem): Promise<System>;
}

export interface RaceOptions {
  /** Repetitions of every system; three of one that is five times slower than the first. */
  readonly rounds: number;
  /** About how many milliseconds a repetition takes: many steps of a fast system, one of a slow one; 300 if not given. */
  readonly repetition?: number;
  readonly train: boolean;
  readonly sample: boolean;
  /** Told how far it is. */
  say(line: string): void;
  /** Ends the race between two runs. */
  readonly signal?: AbortSignal;
}

/** Losses agree to this after {@link CHECKED_STEPS} steps, relatively. */
const LOSS_AGREEMENT = 1e-5;
const CHECKED_STEPS = 3;
/** Velocities agree to this part of the largest; they are differences of positions in float32. */
const VELOCITY_AGREEMENT = 1e-3;

const SLOW = 5;
/** A step that takes longer is left out. */
const MOST_STEP_MS = 30_000;

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error)).split('\n')[0];

/** Before a run, while nothing is timed: a page shows what was said, and may say that it wants no more. */
async function breath(signal?: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  signal?.throwIfAborted();
}

interface Runner {
  readonly entry: Entry;
  /** Takes so many steps. */
  readonly run: (steps: number) => Promise<unknown>;
  /** Milliseconds of a step, as first seen. */
  readonly ms: number;
  readonly times: number[];
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** Repetitions in turns; a system that fails in the middle is told of and left out from then on. */
async function takeTurns(
  runners: readonly Runner[],
  { rounds, repetition = 300, signal }: RaceOptions,
  failed: (runner: Runner, error: unknown) => void,
) {
  const broken = new Set<Runner>();
  for (let round = 0; round < rounds; round++) {
    for (const runner of runners) {
      const { times, run, ms } = runner;
      if (broken.has(runner)) continue;
      if (times.length >= 3 && median(times) > SLOW * median(runners[0].times)) continue;
      const steps = Math.max(1, Math.round(repetition / ms));
      await breath(signal);
      try {
        times.push((await timed(() => run(steps))) / steps);
      } catch (error) {
        broken.add(runner);
        failed(runner, error);
      }
    }
  }
  return runners.filter((runner) => !broken.has(runner));
}

export class Race {
  readonly rows: Row[] = [];
  private opened: { entry: Entry; system: System }[] = [];

  /** @param entries Tributary first: without it there is nothing to compare with */
  constructor(
    private readonly entries: readonly Entry[],
    private readonly problem: Problem,
    private readonly options: RaceOptions,
  ) {}

  /** @throws Error when Tributary fails, and when a loss or a velocity differs: such times compare nothing */
  async run(): Promise<Row[]> {
    const { entries, problem, options } = this;
    const { say } = options;
    const { dim, hidden, batch, particles } = problem;
    const training = `training step, d = ${dim}, hidden ${hidden}, batch ${batch}`;
    const sampling = `Euler step, ${particles.toLocaleString('en')} particles, d = ${dim}, hidden ${hidden}`;
    try {
      for (const entry of entries) {
        say(`${entry.name}: starting`);
        await breath(this.options.signal);
        try {
          this.opened.push({ entry, system: await entry.open(problem) });
        } catch (error) {
          if (entry === entries[0]) throw error;
          for (const work of [options.train && training, options.sample && sampling])
            if (work) this.note(work, entry, error);
        }
      }
      // Sampling first: every system still has the weights that all began with.
      if (options.sample) await this.measure(sampling, samplingFlops(problem), await this.samplers(sampling));
      if (options.train) await this.measure(training, trainingFlops(problem), await this.trainers(training));
      return this.rows;
    } finally {
      for (const { system } of this.opened) system.destroy();
    }
  }

  private note(work: string, { name, version }: Entry, error: unknown): void {
    this.options.say(`${name}: ${messageOf(error)}`);
    this.rows.push({
      ...{ work, system: name, version, median_ms: 0, gflops: 0, ratio: 0 },
      note: messageOf(error),
    });
  }

  /** Runs `first` for every system; a peer for which it throws is noted and left out. */
  private async each(
    work: string,
    first: (entry: Entry, system: System) => Promise<Runner | null>,
  ): Promise<Runner[]> {
    const runners: Runner[] = [];
    for (const { entry, system } of this.opened) {
      await breath(this.options.signal);
      try {
        const runner = await first(entry, system);
        if (runner) runners.push(runner);
      } catch (error) {
        const own = entry === this.entries[0];
        if (error instanceof Disagreement || (own && !(error instanceof TooSlow))) throw error;
        this.note(work, entry, error);
        // There is nothing to compare the others with.
        if (own) return [];
      }
    }
    return runners;
  }

  /** Every system takes the same few steps, which also compiles what is to be compiled. */
  private trainers(work: string): Promise<Runner[]> {
    let expected = Number.NaN;
    return this.each(work, async (entry, system) => {
      const { train } = system;
      if (train === null) return null;
      await train(1);
      let loss = Number.NaN;
      const ms = (await timed(async () => (loss = await train(CHECKED_STEPS - 1)))) / (CHECKED_STEPS - 1);
      if (Number.isNaN(expected)) expected = loss;
      this.options.say(
        `${entry.name}: loss of step ${CHECKED_STEPS} is ${loss.toPrecision(8)}, ${ms.toFixed(1)} ms a step`,
      );
      const difference = Math.abs(loss / expected - 1);
      if (!(difference <= LOSS_AGREEMENT))
        throw new Disagreement(
          `${work}: ${entry.name} has the loss ${loss} after ${CHECKED_STEPS} steps, ${this.entries[0].name} ${expected}`,
        );
      return { entry, run: train, ms, times: [] };
    });
  }

  private samplers(work: string): Promise<Runner[]> {
    const { start, timeStep, passes } = this.problem;
    let expected: number[] | null = null;
    return this.each(work, async (entry, system) => {
      const moved = await system.sample(1);
      const velocity = Array.from(moved, (x, i) => (x - start[i]) / timeStep);
      expected ??= velocity;
      if (velocity.length !== probes(this.problem)) throw new Error(`${velocity.length} coordinates read`);
      const own = expected;
      const largest = Math.max(...own.map(Math.abs));
      const worst = Math.max(...own.map((v, i) => Math.abs(v - velocity[i])));
      if (!(worst <= VELOCITY_AGREEMENT * largest))
        throw new Disagreement(`${work}: a velocity of ${entry.name} is off by ${worst} of ${largest}`);
      // A step of all particles is one of every tile.
      const run = (steps: number) => system.sample(steps * passes);
      const ms = passes * (await timed(() => system.sample(1)));
      this.options.say(`${entry.name}: velocities agree, ${ms.toFixed(1)} ms a step`);
      if (ms > MOST_STEP_MS) throw new TooSlow(`left out: a step takes about ${(ms / 1000).toFixed(0)} s`);
      return { entry, run, ms, times: [] };
    });
  }

  private async measure(work: string, flops: number, runners: readonly Runner[]) {
    const { rounds, say } = this.options;
    say(`${work}: ${rounds} rounds`);
    const finished = await takeTurns(runners, this.options, ({ entry }, error) => {
      if (entry === this.entries[0]) throw error;
      this.note(work, entry, error);
    });
    if (finished.length === 0) return;
    const first = median(finished[0].times);
    for (const { entry, times } of finished) {
      const ms = median(times);
      const { name, version } = entry;
      const row = { work, system: name, version, median_ms: ms, gflops: flops / ms / 1e6 };
      this.rows.push({ ...row, ratio: ms / first });
    }
  }
}

/** Systems that compute something else: what they take for it is no comparison. */
class Disagreement extends Error {}

class TooSlow extends Error {}
