/** What each metric is called and how it is to be read. */
export interface MetricText {
  readonly name: string;
  readonly explanation: string;
  readonly unit: string;
}

export const METRIC_TEXTS: Readonly<Record<string, MetricText>> = {
  frechet: {
    name: 'Fréchet distance (FID in data space)',
    explanation:
      'Distance of mean and covariance from those of the truth. It cannot see anything but these two moments.',
    unit: '',
  },
  sliced_w2: {
    name: 'Sliced W2',
    explanation: 'Wasserstein-2 distance averaged over directions: sees misplaced mass, not fine structure.',
    unit: 'data units',
  },
  w2: {
    name: 'W2 of parts',
    explanation:
      'Exact optimal-transport distance to as many true points, of parts of at most 512 points; its floor is high because these are few.',
    unit: 'data units',
  },
  energy_distance: {
    name: 'Energy distance',
    explanation:
      'A distance of whole distributions by mean pairwise distances; insensitive to thin structure.',
    unit: '',
  },
  worst_column: {
    name: 'Worst column (Kolmogorov–Smirnov)',
    explanation:
      'The largest distance between the distribution functions of a column of the samples and of the data, whatever its units; blind to what columns do together.',
    unit: '',
  },
  log_p_true: {
    name: 'E[log p_true]',
    explanation:
      'Mean true log density of the samples; true samples score the negative entropy. Blind to missed modes.',
    unit: 'nats',
  },
  off_support: {
    name: 'Off the support',
    explanation:
      'Samples where the true density is below the level that leaves 0.1 % of true points below it (on corridor below the published −6 nats, which leaves 0.12 %): points that should not exist.',
    unit: 'fraction',
  },
  mode_coverage: {
    name: 'Mode coverage',
    explanation: 'Share of the true modes that received samples.',
    unit: 'fraction',
  },
  high_quality: {
    name: 'Within 3σ of a mode',
    explanation: 'Share of samples within three standard deviations of a mode; 98.89 % is perfect in 2-D.',
    unit: 'fraction',
  },
  label_purity: {
    name: 'Label purity',
    explanation: 'Share of samples whose most probable true label is the one that was asked for.',
    unit: 'fraction',
  },
  copies: {
    name: 'Copies',
    explanation:
      'Samples ten times nearer to a training row than the next row is to that: a model that has learnt its rows by heart repeats them, and looks perfect to every other metric.',
    unit: 'fraction',
  },
  ambient_residual: {
    name: 'Off the plane',
    explanation:
      'Energy of lifted samples off the plane of the data, over the data’s own variance: 0 is perfect, and no metric within the plane can see it.',
    unit: 'fraction',
  },
};
