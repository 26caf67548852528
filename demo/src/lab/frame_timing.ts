/** What a frame of the page costs, part by part: the standard network's step, and everything beside it. */
import {
  alike,
  createEngine,
  DEFAULT_INTERPOLANT,
  type Engine,
  Model,
  ParticlePlayer,
  Sampler,
  STANDARD_MLP,
  samplingTable,
} from 'tributary-engine';
import type { Paint, PaneView, Rgb } from '../scene/painter.js';
import type { ThreePainter } from '../scene/three_painter.js';
import { PassTimer } from './pass_timer.js';

type GpuEngine = Engine & { readonly gpu: GPUDevice; readonly software: boolean };

export interface FrameQuestion {
  readonly particles: number;
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  /** False: particles stand still, and only the drawing is timed. */
  readonly network: boolean;
}

/** Milliseconds a frame, the median of all frames; null where the device has no clock of its own. */
export interface FrameTimes {
  readonly question: FrameQuestion;
  readonly device: string;
  readonly software: boolean;
  /** From the first command until the device has done everything, by the processor's clock. */
  readonly total: number;
  /** The same of the network's step alone: total − step is what drawing adds. */
  readonly step: number;
  /** The page's own thread while it paints. */
  readonly page: number;
  /** The network's kernels, the pass that adds the particles up, and the one that tones: by the device's clock. */
  readonly network: number | null;
  readonly splat: number | null;
  readonly tone: number | null;
}

const MOST_WARM_UP = 3;
/** Of a particle's state on a device. */
const STATE_BYTES = 8;
const COLOUR: readonly Rgb[] = [[0.5, 0.8, 1]];
const PAINT: Paint = { by: 'one' };

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** @throws TributaryError('no-adapter') where there is no WebGPU */
export async function measureFrames(question: FrameQuestion): Promise<FrameTimes> {
  const engine = (await createEngine({ backend: 'webgpu', profile: true })) as GpuEngine;
  const { ThreePainter } = await import('../scene/three_painter.js');
  const painter = await ThreePainter.create(engine);
  const timer = engine.gpu.features.has('timestamp-query') ? new PassTimer(engine.gpu) : null;
  try {
    return await measure(engine, painter, timer, question);
  } finally {
    timer?.destroy();
    painter.destroy();
    engine.destroy();
  }
}

async function measure(
  engine: GpuEngine,
  painter: ThreePainter,
  timer: PassTimer | null,
  question: FrameQuestion,
): Promise<FrameTimes> {
  const { particles, frames, width, height, network } = question;
  const shape = { ...STANDARD_MLP, dim: 2, outputs: 2, classes: 0 };
  const model = new Model(engine, alike(['velocity'], shape), 0, false);
  const warmUp = Math.min(MOST_WARM_UP, Math.ceil(frames / 4));
  // One before, then two a frame.
  const steps = 1 + 2 * (frames + warmUp);
  const table = samplingTable(DEFAULT_INTERPOLANT, { solver: 'heun', steps });
  const sampler = await Sampler.create(engine, model, model.store, table, 0, particles);
  // Room for every state: a frame is one step.
  const player = new ParticlePlayer(engine, sampler, (steps + 1) * STATE_BYTES * particles);
  const kernelMs = () => (engine.profile?.() ?? []).reduce((sum, { ms }) => sum + ms, 0);
  const pane = (): PaneView[] => {
    const view = player.view(Math.max(0, player.reach));
    const sight = view === null ? null : { count: particles, ...view, dt: 1, noise: 0 };
    return [
      {
        ...{ box: { x: 0, y: 0, width, height }, sight, center: [0, 0], span: 6, paint: PAINT },
        ...{ palette: COLOUR, brightness: 6, trail: 0 },
      },
    ];
  };
  const times = {
    ...{ total: [] as number[], step: [] as number[], page: [] as number[] },
    ...{ network: [] as number[], splat: [] as number[], tone: [] as number[] },
  };
  painter.resize(width, height);
  try {
    await player.begin();
    if (network) await player.advance();
    await engine.finish();
    for (let frame = -warmUp; frame < frames; frame++) {
      // A frame: a step of the particles, kept, and a picture of them.
      const before = kernelMs();
      const start = performance.now();
      if (network) await player.advance();
      const stepped = performance.now();
      painter.paint(pane());
      const painted = performance.now();
      await engine.finish();
      const total = performance.now() - start;
      const passes = (await timer?.read()) ?? [];
      const kernels = kernelMs() - before;
      // The step alone, with the same waiting.
      const again = performance.now();
      if (network) await player.advance();
      await engine.finish();
      const step = network ? performance.now() - again : 0;
      if (frame < 0) continue;
      times.total.push(total);
      times.step.push(step);
      times.page.push(painted - stepped);
      times.network.push(kernels);
      times.tone.push(passes.at(-1) ?? 0);
      times.splat.push(passes.slice(0, -1).reduce((sum, ms) => sum + ms, 0));
      // The browser shows what was painted between two tasks.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  } finally {
    player.destroy();
    sampler.destroy();
    model.destroy();
  }
  const clocked = (values: readonly number[]) => (timer === null ? null : median(values));
  return {
    question,
    device: engine.device,
    software: engine.software,
    total: median(times.total),
    step: median(times.step),
    page: median(times.page),
    network: clocked(times.network),
    splat: clocked(times.splat),
    tone: clocked(times.tone),
  };
}

/** What is beside the network, by the device's clock where it has one, else by the difference of two waits. */
export const restOf = ({ splat, tone, total, step }: FrameTimes): number =>
  splat === null || tone === null ? Math.max(0, total - step) : splat + tone;
