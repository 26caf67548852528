/** What particles are coloured by. */
import type { Dataset, RunConfig } from 'tributary-engine';
import { usableColour } from './choices.js';
import { labelsOf, type SampleChoice } from './lab/recipe.js';
import type { Runner } from './lab/runner.js';
import { LogDensities } from './log_density.js';
import type { Paint, Rgb } from './scene/painter.js';
import type { Pane } from './scene/pane.js';
import type { State } from './state.js';
import type { Theme } from './theme.js';

/** Particles whose log p says where the ramp ends. */
const MOST_SORTED = 20_000;
/** Milliseconds between two looks at whether a trajectory has come to its end. */
const WAIT = 30;

export class Colours {
  private readonly logDensities = new LogDensities();
  /** Whose log p a paint shows. */
  private readonly known = new WeakMap<Paint, { runner: Runner; version: number; dataset: Dataset }>();
  private labels: { key: string; values: Float32Array } | null = null;

  constructor(private readonly dataset: () => Dataset) {}

  apply(pane: Pane, state: State, config: RunConfig, sampling: SampleChoice, theme: Theme): void {
    const { n, label } = sampling;
    const colour = usableColour(state);
    if (colour === 'label') {
      const key = `${state.data} ${state.seed} ${n} ${label}`;
      if (this.labels?.key !== key) {
        this.labels = { key, values: Float32Array.from(labelsOf(config, n, label) ?? []) };
      }
      pane.paint = { by: 'label', values: this.labels.values };
      pane.palette = theme.labels;
    } else if (colour === 'speed') {
      pane.paint = { by: 'speed', low: 0, high: 5 };
      pane.palette = theme.ramp;
    } else if (colour === 'logp') {
      pane.palette = theme.ramp;
      // Particles that cannot be moved have said so.
      this.densities(pane, theme.ramp, state.custom).catch(() => undefined);
    } else {
      pane.paint = { by: 'one' };
      pane.palette = theme.one;
    }
  }

  /** Colours each particle by the truth's ln p where it ends. */
  private async densities(pane: Pane, palette: readonly Rgb[], custom: string): Promise<void> {
    const { runner } = pane;
    if (runner === null) return;
    const { version } = runner;
    const { paint: before } = pane;
    const dataset = this.dataset();
    const known = this.known.get(before);
    if (known?.runner === runner && known.version === version && known.dataset === dataset) return;
    const isShown = () =>
      pane.runner === runner &&
      runner.version === version &&
      pane.palette === palette &&
      pane.paint === before;
    let ends = runner.ends();
    while (ends === null) {
      await new Promise((resolve) => setTimeout(resolve, WAIT));
      if (!isShown()) return;
      ends = runner.ends();
    }
    // A trajectory that is replaced takes its states with it.
    const points = await ends.catch(() => null);
    if (points === null) return;
    const values = await this.logDensities.of(dataset, points, custom);
    if (values === null || !isShown()) return;
    const sorted = values.slice(0, MOST_SORTED).sort();
    const high = sorted[Math.floor(0.98 * (sorted.length - 1))];
    pane.paint = { by: 'value', values, low: high - 5, high };
    this.known.set(pane.paint, { runner, version, dataset });
  }
}
