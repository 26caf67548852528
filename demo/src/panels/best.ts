/** Which of several models is the best, as far as a metric of a thousand samples can tell. */
import type { Evaluation } from 'tributary-engine';

export type Metric = Evaluation['metrics'][string];

/** Standard deviations between two models below which chance may have decided. */
const CLEAR = 2;

/**
 * The standard deviation of a metric of 1000 samples over 16 seeds of the particles, as a share of the metric: the
 * largest of four small networks, as `npm run demo:scatter` measures it. The floor's own is smaller by far: perfect
 * samples have no stragglers.
 */
const SCATTER: Readonly<Record<string, number>> = {
  ...{ frechet: 0.7, energy_distance: 0.5, sliced_w2: 0.25, w2: 0.2 },
};
/** The same of a mean log density, as a share of what it lacks to the floor. */
const LOG_SCATTER = 0.45;

/** How far chance moves a metric. */
function noise(name: string, { value, floor, floorStd, n }: Metric): number {
  // Of perfect samples of a Gaussian in the plane log p has variance 1: near the floor that is what is left.
  if (name === 'log_p_true')
    return Math.max(1 / Math.sqrt(n), floorStd, LOG_SCATTER * Math.abs(floor - value));
  const share = SCATTER[name];
  // What is no distance is a share of n samples: binomial.
  return share === undefined ? Math.sqrt(Math.max(0, value * (1 - value)) / n) : share * value;
}

/**
 * What counts of a metric: where perfect samples score, and past that, all values are as good as theirs.
 */
function merit({ value, floor, perfect, better }: Metric): number {
  if (perfect === undefined) return value;
  const short = better === 'lower' ? value > perfect[1] : value < perfect[0];
  return short ? value : floor;
}

/** The index of the model that is clearly the best by the metric of that name; −1 where none is. */
export function clearlyBest(name: string, models: readonly (Metric | undefined)[]): number {
  const order = models
    .flatMap((metric, i) => (metric && Number.isFinite(metric.value) ? [{ metric, i }] : []))
    .sort(({ metric: a }, { metric: b }) => (merit(a) - merit(b)) * (a.better === 'lower' ? 1 : -1));
  if (order.length < 2) return -1;
  const [{ metric: first, i }, { metric: second }] = order;
  const doubt = CLEAR * Math.hypot(noise(name, first), noise(name, second));
  return Math.abs(merit(first) - merit(second)) > doubt ? i : -1;
}
