import type { Backend } from '../backend/backend.js';
import type { Dataset } from '../data/dataset.js';
import { isInterpolant } from '../families/registry.js';
import { scheduleOf } from '../interpolant/config.js';
import type { Evaluation } from '../metrics/evaluate.js';
import type { FamilyPicture } from '../model/family.js';
import type { RunConfig } from '../model/run_config.js';
import { STREAM } from '../random/random.js';
import type { ReportInput } from '../report/types.js';
import { takesSteps } from '../run/stages.js';
import { METRIC_TEXTS } from './metric_texts.js';
import type { LogRecord } from './run_folder.js';
import type { SampledRun } from './sample_run.js';

/** The prototype that the reference document measured: plain flow matching, hidden 128, 1000 samples, 6000 steps. */
const PROTOTYPE = 'PyTorch prototype, flow matching, hidden 128, 6000 steps';

const PUBLISHED: Readonly<Record<string, Readonly<Record<string, { value: number; source: string }>>>> = {
  corridor: {
    frechet: { value: 0.035, source: PROTOTYPE },
    off_support: { value: 0.018, source: PROTOTYPE },
  },
};

export interface ReportParts {
  readonly config: RunConfig;
  readonly dataset: Dataset;
  readonly engine: Pick<Backend, 'name' | 'device'>;
  readonly log: readonly LogRecord[];
  readonly samples: SampledRun;
  /** Times of `samples.frames`. */
  readonly frameTimes: readonly number[];
  readonly evaluation: Evaluation;
  readonly solver: string;
  readonly solverSteps: number;
  readonly sampleSeed: number;
  readonly parameters: number;
  readonly trainSeconds: number;
  readonly command: string;
  readonly remarks?: readonly string[];
  readonly pictures?: readonly FamilyPicture[];
}

/** How much of the base the pictures show, for the samples' way from it: two standard deviations. */
const BASE_RADIUS = 2;

/**
 * The middle 99.8 % of the points with a margin, and the base: one stray sample must not shrink the picture.
 * @param base how much of it; 0 for points that do not come from one
 */
export function pictureBounds(points: Float64Array, base = BASE_RADIUS): ReportInput['bounds'] {
  const range = (axis: number): [number, number] => {
    const values = points.filter((_, i) => i % 2 === axis).sort();
    const low = values[Math.floor(0.001 * (values.length - 1))];
    const high = values[Math.ceil(0.999 * (values.length - 1))];
    const margin = 0.08 * (high - low) || 1;
    if (base === 0) return [low - margin, high + margin];
    return [Math.min(low - margin, -base), Math.max(high + margin, base)];
  };
  return { x: range(0), y: range(1) };
}

/** A family's picture in its frame: around the data, or around its own points. */
function insidePicture({ title, note, sets, bounds }: FamilyPicture, data: Float64Array) {
  const points = bounds === 'data' ? data : Float64Array.from(sets.flatMap((set) => [...set.points]));
  return { title, note, sets, bounds: pictureBounds(points, 0) };
}

/** By how much points at t are shrunk to fit beside the data, where the base is far wider than they are. */
function pictureScale(config: RunConfig, t: number): number {
  if (!isInterpolant(config)) return 1;
  const schedule = scheduleOf(config.settings);
  return schedule.at(0).alpha > BASE_RADIUS ? 1 / Math.sqrt(1 + schedule.at(t).alpha ** 2) : 1;
}

/** Assembles what the report of a finished run on 2-D data shows. */
export function reportInput(parts: ReportParts): ReportInput {
  const { config, dataset, log, samples, evaluation } = parts;
  const { network, data } = config;
  const truth = dataset.distribution?.sample(20_000, parts.sampleSeed, 0, STREAM.evaluation);
  const steps = log.filter((record) => record.losses !== undefined);
  const excess = log.filter((record) => record.excess?.over_oracle != null);
  const labelled = dataset.classes > 1;
  const withLabels = (set: { points: Float64Array; labels?: Uint32Array | undefined }) => ({
    points: set.points,
    ...(labelled && set.labels ? { labels: set.labels } : {}),
  });
  // An unconditional model's samples are coloured by the label that the truth would give them.
  const sampleLabels = samples.labels ?? dataset.distribution?.labelOf?.(samples.points);
  const times = isInterpolant(config) ? ` and ${network.timeFrequencies} time` : '';
  const features = `${network.pointFrequencies} point${times} frequencies`;
  const normed = network.norm === 'rms' ? ', each behind an RMSNorm' : '';
  const layers =
    network.activation === 'selu'
      ? `${network.blocks} SELU layers of ${network.hidden}`
      : `${network.blocks} SwiGLU blocks${normed}, hidden ${network.hidden}, inner ${network.inner}`;
  const { bottleneck = 0 } = network;
  const ends = bottleneck > 0 ? `, ends narrowed to ${bottleneck}` : '';
  const loss = Object.keys(steps[0]?.losses ?? {})[0] ?? 'loss';
  return {
    title: `${config.family} on ${data.name}`,
    run: {
      family: config.family,
      data: data.name,
      seed: config.seed,
      ...(takesSteps(config) ? { steps: config.steps, network: `${layers}${ends}, ${features}` } : {}),
      parameters: parts.parameters,
      backend: parts.engine.name,
      device: parts.engine.device,
      seconds: parts.trainSeconds,
      functionEvaluations: samples.evaluations,
      command: parts.command,
      more: [
        { name: 'training set', value: `${data.rows} points` },
        ...(takesSteps(config) ? [{ name: 'batch', value: String(config.batch) }] : []),
        {
          name: 'labels',
          value: data.classes > 0 ? `${data.classes} classes, given to the model` : 'not used',
        },
        {
          name: 'solver',
          value: isInterpolant(config)
            ? `${parts.solver}, ${parts.solverSteps} steps, seed ${parts.sampleSeed}`
            : `none: drawn in one go, seed ${parts.sampleSeed}`,
        },
        { name: 'sampling', value: `${evaluation.n} samples in ${samples.seconds.toFixed(1)} s` },
      ],
    },
    sets: {
      samples: withLabels({ points: samples.points, labels: sampleLabels }),
      ...(truth ? { truth: withLabels(truth) } : {}),
      training: withLabels(dataset),
    },
    bounds: pictureBounds((truth ?? dataset).points),
    loss: {
      name: isInterpolant(config) ? `${loss} loss ½E|prediction − target|²` : `${loss} loss`,
      unit: '',
      points: steps.map(({ step, losses }) => ({
        step,
        loss: losses?.[loss] ?? Number.NaN,
      })),
    },
    ...(excess.length > 0
      ? {
          excess: {
            name: 'excess loss over the oracle, ½E|b̂ − b|²',
            unit: '',
            points: excess.map(({ step, excess: record }) => ({
              step,
              excess: record?.over_oracle ?? Number.NaN,
              ...(record?.memorising_over_oracle != null
                ? { excessOfMemorising: record.memorising_over_oracle }
                : {}),
              ...(record?.unlabelled?.over_oracle != null
                ? { unlabelled: record.unlabelled.over_oracle }
                : {}),
            })),
          },
        }
      : {}),
    ...(parts.pictures?.length
      ? { inside: parts.pictures.map((picture) => insidePicture(picture, (truth ?? dataset).points)) }
      : {}),
    against: evaluation.against,
    ...(parts.remarks?.length ? { remarks: parts.remarks } : {}),
    metrics: Object.entries(evaluation.metrics).map(([key, metric]) => ({
      key,
      name: METRIC_TEXTS[key]?.name ?? key,
      explanation: METRIC_TEXTS[key]?.explanation ?? '',
      unit: METRIC_TEXTS[key]?.unit ?? '',
      value: metric.value,
      floor: metric.floor,
      floorStd: metric.floorStd,
      interval: metric.interval,
      ...(metric.perfect ? { perfect: metric.perfect } : {}),
      ...(metric.training !== undefined ? { training: metric.training } : {}),
      ...(metric.baselines ? { baselines: metric.baselines } : {}),
      better: metric.better,
      ...(PUBLISHED[data.name]?.[key] ? { published: PUBLISHED[data.name][key] } : {}),
      n: metric.n,
    })),
    trajectory: samples.frames.map((points, i) => {
      const shrink = pictureScale(config, parts.frameTimes[i]);
      const shown = shrink === 1 ? points : points.map((value) => value * shrink);
      return { t: parts.frameTimes[i], ...withLabels({ points: shown, labels: sampleLabels }) };
    }),
    ...(pictureScale(config, 0) === 1
      ? {}
      : { trajectoryNote: 'The noise is far wider than the data: what is shown is x/√(1 + α²).' }),
  };
}
