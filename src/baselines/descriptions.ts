/** What models without a network are, by name: without what fits them, for whoever only lists them. */
export interface BaselineDescription {
  readonly summary: string;
  readonly source: string;
  /** Why it has no density, where it has none. */
  readonly noDensity?: string;
}

export const BASELINE_DESCRIPTIONS = {
  'training-set': {
    summary:
      'training points drawn with replacement: cannot be beaten on most metrics, only unmasked as copies',
    source: 'Efron 1979, the bootstrap',
    noDensity:
      'draws from the training points have no density: all their mass lies on the points themselves, and a new point has probability 0',
  },
  gaussian: {
    summary: 'one Gaussian with the moments of the data',
    source: 'maximum likelihood',
  },
  kde: {
    summary: 'a spherical Gaussian around every point, bandwidth by leave-one-out likelihood',
    source: 'Parzen 1962; Duin 1976 for the bandwidth',
  },
  gmm: {
    summary: 'a mixture of Gaussians by EM, number of components by held-out likelihood',
    source: 'Dempster, Laird & Rubin 1977; Arthur & Vassilvitskii 2007 for the starts',
  },
  'manifold-parzen': {
    summary: 'a Gaussian around every point along its neighbours, by leave-one-out likelihood',
    source: 'Vincent & Bengio, NIPS 2002',
  },
} as const satisfies Record<string, BaselineDescription>;

export type BaselineName = keyof typeof BASELINE_DESCRIPTIONS;
