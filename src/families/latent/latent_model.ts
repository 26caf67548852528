import type { DeviceArray } from '../../backend/kernel.js';
import { combine } from '../../nn/ops/arithmetic.js';
import { gaussianLogDensity, gaussianSample } from '../../nn/ops/density.js';
import type { Tape, Tensor } from '../../nn/tape.js';
import type { Drawing } from '../../samplers/recorded.js';
import type { Gaussian } from './gaussian.js';

/** What a loss, a draw and a bound have in common when they are recorded. */
export interface Recorder {
  readonly tape: Tape;
  net(role: string): (x: Tensor, t?: null, label?: DeviceArray | null) => Tensor;
  parameter(name: string): Tensor;
  upload(values: ArrayLike<number>, label: string, dtype?: 'float' | 'u32'): DeviceArray;
}

/** Labels of the rows of a conditional run; null for others. */
export type Labels = DeviceArray | null;

/** Latents of a level, and how q draws them. */
export interface Level {
  /** Latent coordinates. */
  readonly cols: number;
  /** q(z|x, latents of the level above); those are null for the highest. */
  posterior(of: Recorder, x: Tensor, above: Tensor | null, label: Labels): Gaussian;
}

/** p(x, z) = p(z) N(x; x̂(z), σ²I) and q(z|x), z one level of latents or several, from the highest down. */
export interface LatentModel {
  readonly levels: readonly Level[];
  /** ln p(z), [rows, 1] */
  logPrior(of: Recorder, z: readonly Tensor[], label: Labels): Tensor;
  /** x̂(z), [rows, dim] */
  decode(of: Recorder, z: readonly Tensor[], label: Labels): Tensor;
  /** Latents of all levels under given ones of the highest, each at its mean under p. */
  below(of: Recorder, highest: Tensor, label: Labels): readonly Tensor[];
  /** z ~ p(z), a row a sample. */
  draw(of: Drawing): readonly Tensor[];
}

/** Latents of every level, and the q that each was drawn from. */
export interface Latents {
  readonly z: readonly Tensor[];
  readonly q: readonly Gaussian[];
}

/**
 * Latents from q(z|x).
 * @param highest q of the highest level, which may serve many draws
 * @param normal [rows, cols] standard normals
 */
export function drawLatents(
  of: Recorder,
  { levels }: LatentModel,
  x: Tensor,
  label: Labels,
  highest: Gaussian,
  normal: (cols: number) => Tensor,
): Latents {
  const [z, q]: [Tensor[], Gaussian[]] = [[], []];
  for (const [i, { cols, posterior }] of levels.entries()) {
    q.push(i === 0 ? highest : posterior(of, x, z[i - 1], label));
    z.push(gaussianSample(of.tape, q[i].mean, q[i].logvar, normal(cols)));
  }
  return { z, q };
}

/** ln w = ln p(x|z) + ln p(z) − ln q(z|x) of each row: [rows, 1]. @param p p(x|z) at the latents */
export function logWeight(
  of: Recorder,
  model: LatentModel,
  x: Tensor,
  label: Labels,
  { z, q }: Latents,
  p: Gaussian,
): Tensor {
  const { tape } = of;
  const density = gaussianLogDensity(tape, x, p.mean, p.logvar);
  let sum = combine(tape, 1, density, 1, model.logPrior(of, z, label));
  for (const [i, own] of q.entries())
    sum = combine(tape, 1, sum, -1, gaussianLogDensity(tape, z[i], own.mean, own.logvar));
  return sum;
}
