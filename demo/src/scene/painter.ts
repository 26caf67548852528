import type { Sight } from '../lab/runner.js';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Rgb = readonly [number, number, number];

/** How particles are coloured; `values` [n] stay the same array as long as they mean the same. */
export type Paint =
  | { readonly by: 'one' }
  | { readonly by: 'label'; readonly values: Float32Array }
  | { readonly by: 'value'; readonly values: Float32Array; readonly low: number; readonly high: number }
  | { readonly by: 'speed'; readonly low: number; readonly high: number };

/** One pane of the stage, as it is to be painted. */
export interface PaneView {
  /** In CSS pixels from the canvas's top left corner. */
  readonly box: Box;
  readonly sight: Sight | null;
  readonly center: readonly [number, number];
  readonly span: number;
  readonly paint: Paint;
  readonly palette: readonly Rgb[];
  /** 1 shows a density of 1 at 63 %, before a curve that lifts what is faint. */
  readonly brightness: number;
  readonly trail: number;
}

/** A view that is written over frame by frame. */
export type OwnPaneView = { -readonly [Part in keyof PaneView]: PaneView[Part] };

/** Paints particles as densities on a canvas that it brings along. */
export interface Painter {
  readonly kind: 'webgpu' | 'canvas';
  readonly canvas: HTMLCanvasElement;
  resize(width: number, height: number): void;
  /** Paints what has changed; the views are written over afterwards. @returns whether anything had changed */
  paint(panes: readonly PaneView[]): boolean;
  destroy(): void;
}

export const GAMMA = 0.62;

const ONE: Paint = { by: 'one' };

/** Colours need one value a particle: those of another number of particles are on their way out. */
export const fitting = (paint: Paint, { count }: Sight): Paint =>
  'values' in paint && paint.values.length < count ? ONE : paint;

/**
 * The distance between two states that a ramp over speeds ends at. An SDE's noise moves particles by the root of
 * the time: beyond what the speed makes, the ramp leaves room for two of its standard deviations.
 */
export const distanceAt = (speed: number, { dt, noise }: Sight): number => Math.hypot(speed * dt, 2 * noise);
