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

/** Paints particles as densities on a canvas that it brings along. */
export interface Painter {
  readonly kind: 'webgpu' | 'canvas';
  readonly canvas: HTMLCanvasElement;
  resize(width: number, height: number): void;
  /** Paints what has changed. @returns whether anything had */
  paint(panes: readonly PaneView[]): boolean;
  destroy(): void;
}

export const GAMMA = 0.62;
