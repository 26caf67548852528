/** Everything a report shows. The renderer computes no metric: it only compares the numbers it is given. */
export interface ReportInput {
  title: string;
  run: RunFacts;
  /** The pictures that are compared: same bounds, same scale. The truth is left out where nothing but points is known. */
  sets: { samples: PointSet; truth?: PointSet; training: PointSet };
  bounds: Bounds;
  /** What the labels are called, by number; 'label 0', … without. */
  labelNames?: readonly string[];
  loss: LossCurve;
  excess?: ExcessCurve;
  metrics: readonly MetricRow[];
  /** What the metrics compare with; a known law if not given. */
  against?: 'distribution' | 'held-out points' | 'training points';
  /** What else has been found out about the samples, a sentence each, shown with the verdict. */
  remarks?: readonly string[];
  /** The sampler's way from noise to data: a few frames, by increasing t. */
  trajectory?: readonly TrajectoryFrame[];
  /** Pictures of what only the run's family has. */
  inside?: readonly InsidePicture[];
  /** What else there is to say about the pictures of the way. */
  trajectoryNote?: string;
}

export interface RunFacts {
  family: string;
  /** Name of the data set. */
  data: string;
  seed: number;
  /** Training steps that were run; absent of a model that was fitted at once. */
  steps?: number;
  /** The network in words, such as '2 SwiGLU blocks, hidden 128'; absent where there is none. */
  network?: string;
  /** How many numbers have been learnt. */
  parameters: number;
  backend: string;
  device: string;
  /** Wall time of training, in seconds. */
  seconds: number;
  /** Network evaluations per sample. */
  functionEvaluations: number;
  /** What reproduces the run. */
  command: string;
  /** Further facts, shown after the others. */
  more?: readonly { name: string; value: string }[];
}

/** Sets of points in a plane of their own, side by side. */
export interface InsidePicture {
  readonly title: string;
  readonly note: string;
  readonly sets: readonly (PointSet & { readonly name: string; readonly text: string })[];
  readonly bounds: Bounds;
}

/** Points in the plane of the pictures. */
export interface PointSet {
  /** rows × 2, row-major: x, y. */
  points: Float64Array;
  /** One per row. Without them all points have one colour. */
  labels?: Uint32Array;
}

/** The frame of the pictures, in data units. */
export interface Bounds {
  x: readonly [number, number];
  y: readonly [number, number];
}

export interface LossCurve {
  /** Which loss, such as 'velocity loss'. */
  name: string;
  /** '' for none. */
  unit: string;
  /** By increasing step. `smoothed` is drawn where given; without any, a running mean is. */
  points: readonly { step: number; loss: number; smoothed?: number }[];
}

/** How far the loss on the true distribution is above the least possible one. */
export interface ExcessCurve {
  name: string;
  unit: string;
  points: readonly {
    step: number;
    excess: number;
    /** The same for the optimum of the training set: a network that fits every training point exactly. */
    excessOfMemorising?: number;
    /** The same loss of a conditional network where it is given no label. */
    unlabelled?: number;
  }[];
}

export interface MetricRow {
  /** The stable key of the metrics JSON, such as 'frechet' or 'off_support'. */
  key: string;
  name: string;
  /** One sentence: what the metric measures and what it cannot see. */
  explanation: string;
  value: number;
  /** What perfect samples of this size score; for 'higher' metrics this is a ceiling. */
  floor: number;
  /** Standard deviation of that score from one perfect sample to the next. */
  floorStd?: number;
  /** Where 95 % of fresh samples of the same model score. */
  interval?: readonly [number, number];
  /** Where perfect samples score; absent where none are known, so that nothing is said of them. */
  perfect?: readonly [number, number];
  /** What the training set itself scores. */
  training?: number;
  /** What models without a network score, by name. */
  baselines?: Readonly<Record<string, number>>;
  /** 'fraction' is shown in per cent; '' is a plain number. */
  unit: string;
  better: 'lower' | 'higher';
  /** A number from the literature and where it is from. */
  published?: { value: number; source: string };
  /** Number of samples behind `value`. */
  n: number;
}

export interface TrajectoryFrame extends PointSet {
  /** 0 is the base, 1 the data. */
  t: number;
}
