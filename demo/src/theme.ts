/** Colours of particles, on dark and on light. */
import type { Ink } from './scene/overlays.js';
import type { Rgb } from './scene/painter.js';

const rgb = (hex: string): Rgb =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255) as unknown as Rgb;

export interface Theme {
  readonly dark: boolean;
  readonly one: readonly Rgb[];
  readonly labels: readonly Rgb[];
  /** From low to high. */
  readonly ramp: readonly Rgb[];
  readonly ink: Ink;
}

const DARK: Theme = {
  dark: true,
  one: [rgb('#7dd3fc')],
  labels: ['#38bdf8', '#fb7185', '#a3e635', '#fbbf24', '#c084fc', '#2dd4bf', '#f472b6', '#fb923c'].map(rgb),
  ramp: ['#4338ca', '#7c3aed', '#db2777', '#fb7185', '#fdba74', '#fef3c7'].map(rgb),
  ink: {
    ...{ truth: '#f8fafc', points: 'rgb(255 255 255 / 80%)', field: 'rgb(226 232 240 / 90%)' },
    halo: 'rgb(6 10 20 / 80%)',
  },
};

const LIGHT: Theme = {
  dark: false,
  one: [rgb('#0369a1')],
  labels: ['#0369a1', '#be123c', '#4d7c0f', '#b45309', '#7e22ce', '#0f766e', '#be185d', '#c2410c'].map(rgb),
  ramp: ['#a5b4fc', '#6366f1', '#7c3aed', '#be185d', '#9f1239', '#431407'].map(rgb),
  ink: {
    ...{ truth: '#0f172a', points: 'rgb(15 23 42 / 75%)', field: 'rgb(51 65 85 / 90%)' },
    halo: 'rgb(251 252 254 / 80%)',
  },
};

const wantsLight = matchMedia('(prefers-color-scheme: light)');

export const theme = (): Theme => (wantsLight.matches ? LIGHT : DARK);

export const onTheme = (listener: () => void): void => wantsLight.addEventListener('change', listener);

const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** Whether the visitor wants little to move by itself. */
export const wantsCalm = (): boolean => calm.matches;

/** Calls when the visitor begins to want that. */
export const onCalm = (listener: () => void): void =>
  calm.addEventListener('change', ({ matches }) => matches && listener());
