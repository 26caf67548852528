/** What the stage is made of: panes of particles, and what lies around them. */
import type { Runner } from '../lab/runner.js';
import { theme } from '../theme.js';
import { FieldOverlay, type TruthOverlay } from './overlays.js';
import type { Paint, Rgb } from './painter.js';
import type { Spread } from './spread.js';

export interface Pane {
  title: string;
  /** Null before there is a machine, and where there is nothing to show. */
  runner: Runner | null;
  /** Whether its model cannot be had: nothing is to be waited for. */
  empty: boolean;
  readonly field: FieldOverlay;
  /** The runner's version that `field` belongs to. */
  fieldVersion: number;
  /** The runner's version that the colours belong to. */
  paintVersion: number;
  paint: Paint;
  palette: readonly Rgb[];
  /** What brightness and colours of a time go by. */
  spread: Spread | null;
}

export interface Scenery {
  truth: TruthOverlay | null;
  points: Float64Array | null;
  field: 'none' | 'arrows' | 'streamlines';
  label: number;
  trails: boolean;
}

export const newPane = (title: string): Pane => ({
  title,
  runner: null,
  empty: false,
  field: new FieldOverlay(),
  fieldVersion: -1,
  paintVersion: -1,
  paint: { by: 'one' },
  palette: theme().one,
  spread: null,
});
