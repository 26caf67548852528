import { readFileSync } from 'node:fs';
import { CLOCK_LENGTH } from '../../src/backend/clock.js';
import { clockAdvance, SCHEDULE_COLUMNS } from '../../src/backend/contracts/optimizer.js';
import { Trace } from '../../src/backend/trace.js';
import { SimdBackend } from '../../src/cpu/simd/backend.js';
import { alike, Model } from '../../src/model/model.js';
import { squaredError } from '../../src/nn/ops/loss.js';
import { AdamW, sum } from '../../src/nn/optimizer.js';
import { DEFAULT_OPTIMIZER, scheduleRows } from '../../src/nn/schedule.js';
import { Tape } from '../../src/nn/tape.js';
import { Sampler } from '../../src/samplers/sampler.js';
import { solverByName } from '../../src/samplers/solvers.js';
import { solverTable, uniformGrid } from '../../src/samplers/table.js';
import { type LoadedProblem, networkOf, type System } from './problem.js';

/** Euler steps that a timed sampling takes; its start and the copy of the result are in the time. */
const STEPS = 4;
const MOST_STEPS = 4096;

export async function tributary(problem: LoadedProblem, threads: number, profile = false): Promise<System> {
  const engine = await SimdBackend.create({ threads, profile });
  const { batch, dim, learningRate, particles } = problem;
  const model = new Model(engine, alike(['velocity'], networkOf(problem)), 1, true);
  const named = new Map([...problem.values].map(([name, values]) => [`velocity.${name}`, values]));
  engine.write(model.store.values, model.store.join(named));

  const optimizer = {
    ...DEFAULT_OPTIMIZER,
    learningRate,
    warmup: 0,
    decay: 'constant',
    clip: 0,
    ema: 0,
  } as const;
  const clock = engine.allocate(CLOCK_LENGTH, 'clock', 'u32');
  const schedule = engine.allocate(MOST_STEPS * SCHEDULE_COLUMNS, 'schedule');
  engine.write(schedule, scheduleRows(optimizer, 0, MOST_STEPS, MOST_STEPS));
  const losses = engine.allocate(MOST_STEPS, 'losses');
  const column = (first: number, width: number, label: string) => {
    const array = engine.allocate(batch * width, label);
    const stride = dim + 1;
    engine.write(
      array,
      Float32Array.from(
        { length: batch * width },
        (_, i) => problem.input[Math.floor(i / width) * stride + first + (i % width)],
      ),
    );
    return array;
  };
  const x = column(0, dim, 'x');
  const t = column(dim, 1, 't');
  const target = engine.allocate(batch * dim, 'target');
  engine.write(target, problem.target);

  const trace = new Trace();
  const tape = new Tape(trace);
  const point = tape.constant(x, batch, dim);
  const prediction = model
    .net('velocity')
    .forward(tape, model.store, point, tape.constant(t, batch, 1), null);
  const rowLoss = squaredError(tape, prediction, target, 1 / (2 * batch));
  sum(trace, clock, rowLoss, batch, losses, { history: true });
  tape.backward();
  const adam = new AdamW(engine, model.store);
  adam.record(trace, clock, schedule, optimizer);
  trace.call(clockAdvance, { clock }, { by: 1 });
  const plan = await engine.compile(trace, 'training step');
  const table = solverTable(solverByName('euler'), uniformGrid(STEPS));
  const sampler = particles > 0 ? await Sampler.create(engine, model, model.store, table, 1) : null;
  let done = 0;
  return {
    version: `${JSON.parse(readFileSync('package.json', 'utf8')).version}, ${engine.device}`,
    train: async (steps) => {
      const start = performance.now();
      await plan.run(steps);
      const time = performance.now() - start;
      done += steps;
      return time;
    },
    profile: () => engine.profile(),
    loss: async () => (await engine.read(losses))[done - 1],
    sample: async () => {
      const start = performance.now();
      await sampler?.sample({ n: particles });
      return (performance.now() - start) / STEPS;
    },
  };
}
