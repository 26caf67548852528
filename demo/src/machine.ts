/** What computes and what paints, and how both come back when the graphics device is lost. */
import { createEngine, type Engine, simdSupported, TributaryError } from 'tributary-engine';
import { CpuRunner } from './lab/cpu_runner.js';
import { isUnfetched } from './lab/fetched.js';
import { GpuRunner } from './lab/gpu_runner.js';
import type { BackendChoiceName } from './lab/names.js';
import type { Runner, Trouble } from './lab/runner.js';
import { Understudy } from './lab/understudy.js';
import { CanvasPainter } from './scene/canvas_painter.js';
import type { Painter } from './scene/painter.js';

export interface Machine {
  readonly kind: 'webgpu' | 'cpu';
  readonly software: boolean;
  /** Whether the processor has no SIMD to compute with. */
  readonly slow: boolean;
  /** One honest line, or nothing. */
  readonly remark: string;
  readonly painter: Painter;
  /** Where networks train: a software adapter is slower than the processor. */
  readonly training: BackendChoiceName;
  readonly engine: (Engine & { readonly gpu: GPUDevice }) | null;
  runner(trouble: Trouble): Runner;
  destroy(): void;
}

type GpuEngine = Engine & { readonly gpu: GPUDevice; readonly software: boolean };

async function gpuMachine(engine: GpuEngine, onLost: () => void): Promise<Machine> {
  const { ThreePainter } = await import('./scene/three_painter.js');
  const painter = await ThreePainter.create(engine);
  let ended = false;
  void engine.gpu.lost.then(() => {
    if (!ended) onLost();
  });
  return {
    kind: 'webgpu',
    software: engine.software,
    slow: false,
    remark: engine.software
      ? 'This is a software adapter: right, but slow. A graphics card shows millions.'
      : '',
    painter,
    training: engine.software ? 'cpu' : 'webgpu',
    engine,
    runner: (trouble) => {
      const runner = new GpuRunner(engine, trouble);
      return engine.software ? new Understudy(runner, trouble) : runner;
    },
    destroy: () => {
      ended = true;
      painter.destroy();
      engine.destroy();
    },
  };
}

const NO_SIMD = 'This browser has no fast arithmetic (WebAssembly SIMD): everything works, slowly.';

const SMALLER = 'everything runs on the processor, with fewer particles.';

/** @param why there is no other, or nothing where it is what was asked for */
export function cpuMachine(why: string): Machine {
  const painter = new CanvasPainter();
  const slow = !simdSupported();
  return {
    kind: 'cpu',
    software: false,
    slow,
    remark: `${why === '' ? '' : `${why}: ${SMALLER}`} ${slow ? NO_SIMD : ''}`.trim(),
    painter,
    training: 'cpu',
    engine: null,
    runner: (trouble) => new CpuRunner(trouble),
    destroy: () => painter.destroy(),
  };
}

/**
 * The machine for a choice of backend. A card that is not there is no error: the processor takes over and says so.
 * @param onLost called when the graphics device is lost later on
 */
export async function openMachine(backend: BackendChoiceName, onLost: () => void): Promise<Machine> {
  if (backend === 'cpu') return cpuMachine('');
  if (navigator.gpu === undefined) return cpuMachine('This browser has no WebGPU');
  try {
    const engine = (await createEngine({ backend: 'webgpu' })) as GpuEngine;
    if (engine.software && backend === 'auto') {
      engine.destroy();
      return cpuMachine('No graphics card here');
    }
    return await gpuMachine(engine, onLost).catch((error: unknown) => {
      engine.destroy();
      throw error;
    });
  } catch (error) {
    const why =
      error instanceof TributaryError && error.code === 'no-adapter'
        ? 'No graphics card here'
        : isUnfetched(error)
          ? 'What the graphics card needs could not be fetched (choose again what computes, or reload)'
          : 'The graphics card does not work here';
    return cpuMachine(why);
  }
}
