/** What particles are coloured by. */
import type { Dataset, RunConfig } from 'tributary';
import { labelsOf, type SampleChoice } from './lab/recipe.js';
import type { Rgb } from './scene/painter.js';
import type { Pane } from './scene/stage.js';
import type { State } from './state.js';
import type { Theme } from './theme.js';

/** Points whose log p is computed at a time. */
const SLICE = 2000;
/** Beyond it the truth's density would take the page minutes. */
const MOST_DENSITIES = 250_000;

export class Colours {
  private labels: { key: string; values: Float32Array } | null = null;

  constructor(private readonly dataset: () => Dataset) {}

  apply(pane: Pane, state: State, config: RunConfig, sampling: SampleChoice, theme: Theme): void {
    const { n, label } = sampling;
    const labelled = config.data.classes > 0;
    if (state.colour === 'label' && labelled) {
      const key = `${state.data} ${state.seed} ${n} ${label}`;
      if (this.labels?.key !== key) {
        this.labels = { key, values: Float32Array.from(labelsOf(config, n, label) ?? []) };
      }
      pane.paint = { by: 'label', values: this.labels.values };
      pane.palette = theme.labels;
    } else if (state.colour === 'speed') {
      pane.paint = { by: 'speed', low: 0, high: 5 };
      pane.palette = theme.ramp;
    } else if (state.colour === 'logp' && this.dataset().distribution?.logDensity && n <= MOST_DENSITIES) {
      pane.palette = theme.ramp;
      // Particles that cannot be moved have said so.
      this.densities(pane, theme.ramp).catch(() => undefined);
    } else {
      pane.paint = { by: 'one' };
      pane.palette = theme.one;
    }
  }

  /** Colours each particle by the truth's ln p where it ends. */
  private async densities(pane: Pane, palette: readonly Rgb[]): Promise<void> {
    const { runner } = pane;
    const { distribution } = this.dataset();
    if (runner === null || distribution?.logDensity === undefined) return;
    const points = await runner.samples();
    const values = new Float32Array(points.length / 2);
    for (let first = 0; first < points.length; first += 2 * SLICE) {
      values.set(distribution.logDensity(points.subarray(first, first + 2 * SLICE)), first / 2);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    if (pane.palette !== palette) return;
    const sorted = values.filter(Number.isFinite).sort();
    if (sorted.length === 0) return;
    const high = sorted[Math.floor(0.98 * (sorted.length - 1))];
    // −∞ off the support: the ramp's dark end.
    pane.paint = { by: 'value', values: values.map((value) => Math.max(value, -1e3)), low: high - 5, high };
  }
}
