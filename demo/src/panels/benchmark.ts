/** How fast the machine at hand is: particles × steps a second, and what a frame costs. */
import {
  alike,
  createEngine,
  DEFAULT_INTERPOLANT,
  type Engine,
  Model,
  Sampler,
  STANDARD_MLP,
  samplingTable,
} from 'tributary-engine';
import { short } from '../dom.js';
import { measureFrames, restOf } from '../lab/frame_timing.js';
import type { Machine } from '../machine.js';

const SECONDS = 2;
const STEPS = 1000;
/** Particles that a step of a tenth of a second or so moves, and frames that are over in seconds. */
const SIZES = {
  card: { n: 1_000_000, frames: 10 },
  software: { n: 256, frames: 3 },
  processor: { n: 1024, frames: 0 },
} as const;

/** One line each; the second only where a graphics device draws. */
export async function benchmark(machine: Machine | null): Promise<string> {
  const own = machine?.engine == null;
  const engine: Engine = machine?.engine ?? (await createEngine({ threads: 1 }));
  const { n, frames } = SIZES[own ? 'processor' : machine.software ? 'software' : 'card'];
  try {
    const kind = !own && machine.software ? ', a software adapter' : '';
    const speed = `${await stepping(engine, n)}${kind}`;
    return own ? speed : `${speed}\n${await frame(n, frames)}`;
  } finally {
    if (own) engine.destroy();
  }
}

async function stepping(engine: Engine, n: number): Promise<string> {
  const network = { ...STANDARD_MLP, dim: 2, outputs: 2, classes: 0 };
  const model = new Model(engine, alike(['velocity'], network), 0, false);
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

async function frame(particles: number, frames: number): Promise<string> {
  const times = await measureFrames({ particles, frames, width: 1280, height: 720, network: true });
  const network = times.network ?? times.step;
  const by = times.network === null ? 'the processor’s clock' : 'timestamps';
  return `A frame of ${particles.toLocaleString('en')} particles at 1280 × 720: network ${network.toFixed(2)} ms, the rest ${restOf(times).toFixed(2)} ms, by ${by}`;
}
