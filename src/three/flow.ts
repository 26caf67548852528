import type { Mesh, Scene, WebGPURenderer } from 'three/webgpu';
import type { Backend } from '../backend/backend.js';
import { badInput } from '../errors.js';
import type { StepwiseGenerator } from '../model/generator.js';
import type { Model } from '../model/model.js';
import type { ParameterSource } from '../nn/parameters.js';
import { HostParticlePlayer, ParticlePlayer, type PlayerViewTarget } from '../samplers/player.js';
import { Sampler } from '../samplers/sampler.js';
import type { SolverTable } from '../samplers/table.js';
import { DensityView } from './density.js';
import { isGpuEngine } from './renderer.js';

/** A model moved by a solver's table, or a generator of any family. */
export type ParticleFlowOptions = Scenery & (Moved | Generated);

/** Particles that a generator draws and moves: those of any family that is looked at step by step. */
interface Generated {
  /** Of points of the plane; the flow destroys it in the end. */
  readonly generator: StepwiseGenerator;
}

interface Moved {
  /** Of points of the plane. */
  readonly model: Model;
  /** From `samplingTable`: path, solver and steps. */
  readonly table: SolverTable;
  readonly count: number;
  /** The model's own if not given; a view of the average for a model that is being trained. */
  readonly parameters?: ParameterSource;
  readonly seed?: number;
}

interface Scenery {
  readonly engine: Backend;
  /** On the engine's device, as one of `engineRenderer` is; on a CPU engine any. */
  readonly renderer: WebGPURenderer;
  /** Where the particles' rectangle, from (−1, −1) to (1, 1), is added. */
  readonly scene: Scene;
  /** [count] of a conditional model. */
  readonly labels?: Uint32Array;
  /** [count·2] where particles start; the seed's normals if not given. */
  readonly start?: Float64Array;
  /** The picture in pixels; the renderer's drawing buffer if not given. */
  readonly width?: number;
  readonly height?: number;
  /** For the states that are kept to go back and forth; 512 MiB if not given. */
  readonly memoryBytes?: number;
}

function generatorOf(options: ParticleFlowOptions): StepwiseGenerator | Promise<StepwiseGenerator> {
  if ('generator' in options) return options.generator;
  const { engine, model, table, count, parameters = model.store, seed = 0 } = options;
  checkPlane(model.network.dim);
  return Sampler.create(engine, model, parameters, table, seed, count);
}

function checkPlane(dim: number): void {
  if (dim !== 2) badInput(`particles are drawn in a plane; this model’s points have ${dim} coordinates`);
}

/**
 * A model's particles in a three.js scene, from noise to data and back: give it an engine, a model (or a generator) and a scene, and call
 * {@link update} once a frame. On a WebGPU engine they are drawn from the buffers that the kernels write; on a CPU
 * engine the same particles of the same seed are uploaded.
 */
export class ParticleFlow {
  private readonly seenOnDevice = {} as PlayerViewTarget;
  private readonly seenOnHost = {} as PlayerViewTarget<Float32Array>;
  private moving: Promise<void> | null = null;
  private failure: unknown = null;
  private ended = false;

  private constructor(
    /** Its colours, window and tone are set there. */
    readonly view: DensityView,
    /** What draws and moves the particles that are shown. */
    readonly sampler: StepwiseGenerator,
    private readonly player: ParticlePlayer | HostParticlePlayer,
    private readonly scene: Scene,
  ) {}

  /**
   * @throws TributaryError('bad-input') for a model of other than two coordinates, a count that is not positive, and
   *   labels, starting points or tables that do not fit the model
   */
  static async create(options: ParticleFlowOptions): Promise<ParticleFlow> {
    const { engine, renderer, scene } = options;
    const { width = renderer.domElement.width, height = renderer.domElement.height, memoryBytes } = options;
    const sampler = await generatorOf(options);
    let player: ParticlePlayer | HostParticlePlayer | null = null;
    try {
      checkPlane(sampler.particles.length / sampler.particleCount);
      const Player = isGpuEngine(engine) ? ParticlePlayer : HostParticlePlayer;
      player = new Player(engine, sampler, memoryBytes);
      const { labels, start } = options;
      await player.begin({ ...(labels ? { labels } : {}), ...(start ? { start } : {}) });
      const view = new DensityView(renderer, engine, { width, height });
      const flow = new ParticleFlow(view, sampler, player, scene);
      // Colours and window may be set at once.
      flow.show(0);
      scene.add(view.mesh);
      return flow;
    } catch (error) {
      player?.destroy();
      sampler.destroy();
      throw error;
    }
  }

  /** The rectangle that shows the particles: put it anywhere. */
  get mesh(): Mesh {
    return this.view.mesh;
  }

  /** Share of the way that is known, from 0 to 1: particles move there as fast as the engine does. */
  get reach(): number {
    return Math.max(0, this.player.reach);
  }

  /**
   * Shows the particles at a share of the way, or at the furthest that is known, and lets the engine take the next
   * steps. Call it once a frame, before the scene is rendered.
   * @param share from 0, the start, to 1, the end
   * @throws what stopped the particles, at the frame after it happened
   */
  update(share: number): void {
    if (this.failure !== null) throw this.failure;
    if (this.ended) badInput('this flow has been disposed of');
    if (this.moving === null && this.player.reach < 1) this.moving = this.move();
    this.show(share);
    this.view.accumulate();
  }

  /** Waits until the whole way is known. Errors: what stopped the particles. */
  async finish(): Promise<void> {
    while (this.player.reach < 1 && !this.ended) {
      this.moving ??= this.move();
      await this.moving;
      if (this.failure !== null) throw this.failure;
    }
  }

  private async move(): Promise<void> {
    try {
      await this.player.advance();
    } catch (error) {
      if (!this.ended) this.failure = error;
    } finally {
      this.moving = null;
    }
  }

  private show(share: number): void {
    const { player, view, sampler } = this;
    const seen =
      player instanceof ParticlePlayer
        ? player.view(share, this.seenOnDevice)
        : player.view(share, this.seenOnHost);
    if (seen !== null) view.show(sampler.particleCount, seen.from, seen.to, seen.fraction);
  }

  /** Takes the particles out of the scene and frees what was made for them. Call it before `renderer.dispose()`. */
  dispose(): void {
    this.ended = true;
    this.scene.remove(this.mesh);
    this.view.dispose();
    this.player.destroy();
    this.sampler.destroy();
  }
}
