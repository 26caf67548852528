import { CLOCK_LENGTH } from '../../backend/clock.js';
import { combine } from '../../backend/contracts/combine.js';
import { Holdings } from '../../backend/holdings.js';
import { Trace } from '../../backend/trace.js';
import { toData } from '../../data/units.js';
import type { FamilyPicture } from '../../model/family.js';
import type { Source, Trained } from '../../model/phase.js';
import { gaussianSample } from '../../nn/ops/density.js';
import { Tape, type Tensor } from '../../nn/tape.js';
import { CounterRandom, STREAM } from '../../random/random.js';
import { TileDrawing } from '../../samplers/recorded.js';
import type { LatentModel } from './latent_model.js';

/** Latents of q and of p that are shown. */
const SHOWN = 4000;
/** Latent coordinates that are walked along. */
const MOST_WALKS = 6;
/** Points of a walk, and how many standard deviations of the latents it goes to both sides. */
const WALK = 500;
const REACH = 2.5;

/** What a function records for rows, once: [rows, cols]. */
function computed(
  { model }: Trained,
  rows: number,
  labels: Uint32Array | null,
  seed: number,
  record: (drawing: TileDrawing) => Tensor,
): Promise<Float64Array> {
  const { engine } = model;
  return Holdings.make(engine, async (held) => {
    const clock = held.allocate(CLOCK_LENGTH, 'clock of a picture', 'u32');
    engine.write(clock, [0, 0, 0, 0]);
    const label = labels === null ? null : held.allocate(rows, 'labels of a picture', 'u32');
    if (label !== null && labels !== null) engine.write(label, labels);
    const trace = new Trace();
    const { data, cols } = record(new TileDrawing(new Tape(trace), rows, label, model, clock, seed, held));
    const n = rows * cols;
    const out = held.allocate(n, 'numbers of a picture');
    trace.call(combine, { x: data, z: data, y: out }, { n, a: 1, b: 0, c: 0, accumulate: 0 });
    const plan = await held.compile(trace, 'picture');
    await plan.run(1);
    const values = Float64Array.from(await engine.read(out));
    held.release();
    return values;
  });
}

/** Two coordinates of latents; of a single one the other is chance, so that points do not hide each other. */
function plane(z: Float64Array, cols: number, seed: number): Float64Array {
  const random = new CounterRandom(seed, STREAM.generator);
  return Float64Array.from({ length: (2 * z.length) / cols }, (_, i) => {
    const row = i >> 1;
    if (i % 2 === 0) return z[row * cols];
    return cols > 1 ? z[row * cols + 1] : 2 * random.uniform(row) - 1;
  });
}

/** Mean and standard deviation of each latent coordinate. */
function spreads(z: Float64Array, cols: number): { mean: number; std: number }[] {
  const n = z.length / cols;
  return Array.from({ length: cols }, (_, k) => {
    let [sum, square] = [0, 0];
    for (let row = 0; row < n; row++) sum += z[row * cols + k] / n;
    for (let row = 0; row < n; row++) square += (z[row * cols + k] - sum) ** 2 / n;
    return { mean: sum, std: Math.sqrt(square) };
  });
}

/** The label that most points have. */
function commonest(labels: Uint32Array): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

/**
 * The aggregate posterior (1/N) Σ q(z|x_i) beside the prior, which have to agree where samples of the prior are to be
 * decoded; and, of data in the plane, what the decoder makes of one latent coordinate at a time.
 * @param latents of the trained model: the highest level is shown
 */
export async function latentPictures(
  trained: Trained,
  latents: LatentModel,
  source: Source,
  seed: number,
): Promise<FamilyPicture[]> {
  const { classes, dim } = trained.config.data;
  const rows = SHOWN;
  // Every training point as often as every other, or almost.
  const at = Uint32Array.from({ length: rows }, (_, row) => row % source.rows);
  const x = Float64Array.from(
    { length: rows * dim },
    (_, i) => source.points[at[Math.floor(i / dim)] * dim + (i % dim)],
  );
  const labels = classes > 0 ? at.map((row) => source.labels[row]) : null;
  const [{ cols, posterior }] = latents.levels;
  const q = await computed(trained, rows, labels, seed, (of) => {
    const points = of.tape.constant(of.upload(x, 'points of a picture'), rows, dim);
    const { mean, logvar } = posterior(of, points, null, of.label);
    return gaussianSample(of.tape, mean, logvar, of.normal(cols));
  });
  const p = await computed(trained, rows, labels, seed + 1, (of) => latents.draw(of)[0]);
  const shown = cols > 2 ? `Two of ${cols} coordinates. ` : '';
  const pictures: FamilyPicture[] = [
    {
      title: 'Latents: the encoder’s beside the prior’s',
      note: `${shown}Samples are made of the prior’s latents: where the encoder has put none, the decoder has learnt nothing.`,
      sets: [
        {
          name: 'Aggregate posterior',
          text: 'latents of the training points',
          points: plane(q, cols, seed),
          ...(labels ? { labels } : {}),
        },
        { name: 'Prior', text: 'what samples are made of', points: plane(p, cols, seed + 1) },
      ],
    },
  ];
  if (dim !== 2) return pictures;
  const spread = spreads(q, cols);
  const walks = Math.min(cols, MOST_WALKS);
  const z = new Float64Array(walks * WALK * cols);
  for (let row = 0; row < walks * WALK; row++)
    for (let k = 0; k < cols; k++) {
      const step = k === Math.floor(row / WALK) ? REACH * ((2 * (row % WALK)) / (WALK - 1) - 1) : 0;
      z[row * cols + k] = spread[k].mean + step * spread[k].std;
    }
  const common = labels === null ? null : new Uint32Array(walks * WALK).fill(commonest(labels));
  const decoded = await computed(trained, walks * WALK, common, seed, (of) => {
    const highest = of.tape.constant(of.upload(z, 'latents of a picture'), walks * WALK, cols);
    return latents.decode(of, latents.below(of, highest, of.label), of.label);
  });
  pictures.push({
    title: 'What each latent coordinate does',
    note: `The decoder’s mean along one coordinate at a time, from ${REACH} standard deviations of the latents below their mean to ${REACH} above, the others at their mean${common === null ? '' : `, all with label ${common[0]}`}.`,
    sets: Array.from({ length: walks }, (_, k) => ({
      name: `Coordinate ${k + 1}`,
      text: `standard deviation ${Number(spread[k].std.toPrecision(2))}`,
      points: toData(decoded.slice(2 * k * WALK, 2 * (k + 1) * WALK), trained.config.transform),
    })),
    bounds: 'data',
  });
  return pictures;
}
