/** What is trained, all in the same way. */
export interface LatentRun {
  readonly family: string;
  /** What differs from the family's own. */
  readonly settings: { readonly prior: string; readonly sigma?: number };
}

export const RUN = {
  network: { hidden: 64, inner: 128 },
  optimizer: { learningRate: 2e-3 },
  steps: 3000,
  batch: 128,
} as const;

export const LATENT_RUNS: readonly LatentRun[] = [
  { family: 'vae', settings: { prior: 'normal' } },
  { family: 'vae', settings: { prior: 'mixture', sigma: 0.03 } },
  { family: 'hvae', settings: { prior: 'normal' } },
  { family: 'hvae', settings: { prior: 'mixture' } },
  { family: 'hvae', settings: { prior: 'vamp' } },
  { family: 'ncp-vae', settings: { prior: 'normal' } },
  { family: 'iwae', settings: { prior: 'normal' } },
];
