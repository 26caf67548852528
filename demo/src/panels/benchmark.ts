/** How fast the machine at hand is: particles × steps a second, and what a frame costs. */
import {
  createEngine,
  DEFAULT_INTERPOLANT,
  type Engine,
  Model,
  Sampler,
  STANDARD_MLP,
  samplingTable,
} from 'tributary';
import { short } from '../dom.js';
import { measureFrames, restOf } from '../lab/frame_timing.js';
import type { Machine } from '../machine.js';

const SECONDS = 2;
const STEPS = 1000;
/** Beyond it nobody waits for a software adapter or one thread. */
const SMALL = 1024;
const LARGE = 1_000_000;

/** One line each; the second only where a graphics device draws. */
export async function benchmark(machine: Machine | null): Promise<string> {
  const own = machine?.engine == null;
  const engine: Engine = machine?.engine ?? (await createEngine({ threads: 1 }));
  const n = own || machine.software ? SMALL : LARGE;
  try {
    const speed = `${await stepping(engine, n)}${own ? ' (one thread)' : ''}`;
    return own ? speed : `${speed}\n${await frame(n)}`;
  } finally {
    if (own) engine.destroy();
  }
}

async function stepping(engine: Engine, n: number): Promise<string> {
  const network = { ...STANDARD_MLP, dim: 2, outputs: 2, classes: 0 };
  const model = new Model(engine, ['velocity'], network, 0, false);
  const table = samplingTable(DEFAULT_INTERPOLANT, { solver: 'heun', steps: STEPS });
  const sampler = await Sampler.create(engine, model, model.store, table, 0, n);
  try {
    await sampler.begin();
    await sampler.advance(1);
    await engine.finish();
    const start = performance.now();
    let [done, seconds] = [0, 0];
    while (seconds < SECONDS && done + 1 < STEPS) {
      await sampler.advance(1);
      await engine.finish();
      done++;
      seconds = (performance.now() - start) / 1000;
    }
    const rate = short((n * done) / seconds);
    return `${rate} particles × steps a second: Heun, 128 wide, 2 blocks, ${n.toLocaleString('en')} particles, ${done} steps in ${seconds.toFixed(2)} s, on ${engine.device}`;
  } finally {
    sampler.destroy();
    model.destroy();
  }
}

async function frame(particles: number): Promise<string> {
  const times = await measureFrames({ particles, frames: 10, width: 1280, height: 720, network: true });
  const network = times.network ?? times.step;
  const by = times.network === null ? 'the processor’s clock' : 'timestamps';
  return `A frame of ${particles.toLocaleString('en')} particles at 1280 × 720: network ${network.toFixed(2)} ms, the rest ${restOf(times).toFixed(2)} ms, by ${by}`;
}
