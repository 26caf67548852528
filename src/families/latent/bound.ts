import { CLOCK_LENGTH } from '../../backend/clock.js';
import { combine } from '../../backend/contracts/combine.js';
import { Holdings } from '../../backend/holdings.js';
import { Trace } from '../../backend/trace.js';
import { logVolume, toNetwork } from '../../data/units.js';
import { badInput } from '../../errors.js';
import { checkLabels } from '../../model/conditions.js';
import type { LikelihoodMethod, LikelihoodOptions } from '../../model/family.js';
import { type LikelihoodBound, meanAndError } from '../../model/likelihood.js';
import type { Trained } from '../../model/phase.js';
import type { RunConfig } from '../../model/run_config.js';
import { Tape, type Tensor } from '../../nn/tape.js';
import { type Drawing, TileDrawing } from '../../samplers/recorded.js';
import { particleTile } from '../../samplers/sampler.js';

/** Estimates of the bound, each with latents of its own: what they differ by is what is left uncertain. */
const REPLICATES = 4;

/** Latents of an estimate where nothing is said. */
const SAMPLES = 64;

/** Rows of network evaluations that are asked for together at the most. */
const MOST_ROWS = 65_536;

/** Records ln w(x, z) = ln p(x, z)/q(z|x), [rows, 1], of points and latents drawn from q(z|x). */
export type RecordLogWeight<S extends object> = (drawing: Drawing, run: RunConfig<S>, x: Tensor) => Tensor;

/** ln Z of a prior that is known up to its integral, by Monte Carlo, with the error that is left of it. */
export type LogNormaliser<S extends object> = (
  model: Trained<S>,
  seed: number,
) => Promise<{ readonly value: number; readonly error: number }>;

/**
 * L_k = E ln (1/k) Σ_i w_i ≤ ln p(x), tighter as k grows: Burda et al., arXiv 1509.00519, eq. 8. `steps` of the options'
 * settings is k.
 * @param logNormaliser of a prior whose integral the weights leave out; its error adds to that of the mean
 */
export const importanceBound = <S extends object>(
  logWeight: RecordLogWeight<S>,
  logNormaliser?: LogNormaliser<S>,
): LikelihoodMethod<S> => ({
  kind: 'bound',
  summary: 'a lower bound from k latents a point, drawn from the encoder',
  uses: ['steps'],
  of: async (model, points, options) => {
    const bound = await boundOf(model, points, options, logWeight);
    if (logNormaliser === undefined) return bound;
    const { value, error } = await logNormaliser(model, options.seed);
    return {
      ...bound,
      nats: bound.nats.map((nats) => nats - value),
      monteCarloError: Math.hypot(bound.monteCarloError, error),
    };
  },
});

async function boundOf<S extends object>(
  { config, model }: Trained<S>,
  points: Float64Array,
  { labels, seed, settings = {}, onProgress }: LikelihoodOptions,
  logWeight: RecordLogWeight<S>,
): Promise<LikelihoodBound> {
  const { dim, classes } = config.data;
  const { steps: k = SAMPLES } = settings as { readonly steps?: number };
  if (!Number.isInteger(k) || k < 1) badInput(`${k} latents a point; it must be a whole number from 1`);
  const n = points.length / dim;
  if (classes > 0 && labels?.length !== n) badInput(`a conditional model needs ${n} labels`);
  if (model.conditions && labels) checkLabels(model.conditions, labels);
  const x = toNetwork(points, config.transform);
  const { engine } = model;
  return Holdings.make(engine, async (held) => {
    const tile = Math.min(n * k * REPLICATES, Math.max(k, Math.min(MOST_ROWS, particleTile(engine))));
    const clock = held.allocate(CLOCK_LENGTH, 'clock of the bound', 'u32');
    const point = held.allocate(tile * dim, 'points of the bound');
    const label = classes > 0 ? held.allocate(tile, 'labels of the bound', 'u32') : null;
    const out = held.allocate(tile, 'log weights');
    const trace = new Trace();
    const tape = new Tape(trace);
    const drawing = new TileDrawing(tape, tile, label, model, clock, seed, held);
    const { data } = logWeight(drawing, config, tape.constant(point, tile, dim));
    trace.call(combine, { x: data, z: data, y: out }, { n: tile, a: 1, b: 0, c: 0, accumulate: 0 });
    const plan = await held.compile(trace, 'log weights');
    // Row r is latent r mod k of replicate ⌊r/k⌋ mod R of point ⌊r/(kR)⌋: a pure function of seed and row.
    const all = n * k * REPLICATES;
    const logW = new Float64Array(all);
    const rows = new Float64Array(tile * dim);
    const own = new Uint32Array(tile);
    for (let first = 0; first < all; first += tile) {
      const count = Math.min(tile, all - first);
      for (let r = 0; r < count; r++) {
        const at = Math.floor((first + r) / (k * REPLICATES));
        rows.set(x.subarray(at * dim, (at + 1) * dim), r * dim);
        if (labels) own[r] = labels[at];
      }
      engine.write(clock, [0, 0, first, 0]);
      engine.write(point, rows);
      if (label) engine.write(label, own);
      await plan.run(1);
      const values = await engine.read(out);
      for (let r = 0; r < count; r++) logW[first + r] = values[r];
      await onProgress?.((first + count) / all);
    }
    held.release();
    return summed(logW, n, k, dim, logVolume(config.transform));
  });
}

/** The bounds of points from their log weights, [n, R, k]: the mean of R estimates each. */
function summed(logW: Float64Array, n: number, k: number, dim: number, volume: number): LikelihoodBound {
  const nats = new Float64Array(n);
  const replicates = Array.from({ length: REPLICATES }, () => 0);
  for (let i = 0; i < n; i++) {
    for (let r = 0; r < REPLICATES; r++) {
      const from = (i * REPLICATES + r) * k;
      let largest = Number.NEGATIVE_INFINITY;
      for (let j = 0; j < k; j++) largest = Math.max(largest, logW[from + j]);
      let sum = 0;
      for (let j = 0; j < k; j++) sum += Math.exp(logW[from + j] - largest);
      const estimate = largest + Math.log(sum / k) - volume;
      nats[i] += estimate / REPLICATES;
      replicates[r] += estimate / n;
    }
  }
  const { standardError } = meanAndError(replicates);
  return { kind: 'bound', side: 'lower', nats, dim, samples: k, monteCarloError: standardError };
}
