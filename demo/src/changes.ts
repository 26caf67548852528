/** What a change of the state means: for the models, the particles, or the scenery. */
import type { Key } from './state.js';

export const DATA: readonly Key[] = ['data', 'custom', 'seed'];

export const MODEL: readonly Key[] = [
  ...DATA,
  'family',
  'path',
  'gamma',
  'head',
  'coupling',
  'conditional',
  'hidden',
  'settings',
];

/** The other models of the comparison. */
export const RIVALS: readonly Key[] = [
  ...DATA,
  'conditional',
  'family2',
  'hidden2',
  'family3',
  'hidden3',
  'family4',
  'hidden4',
];

export const SAMPLING: readonly Key[] = [
  'n',
  'solver',
  'steps',
  'epsilon',
  'diffusion',
  'guidance',
  'label',
  'seed',
  'sde',
  'view',
];

export const SCENERY: readonly Key[] = [
  ...DATA,
  'truth',
  'points',
  'field',
  'trails',
  'label',
  'colour',
  'conditional',
];

export const LOOK: readonly Key[] = ['span', 'x', 'y', 'fit'];

export const touches = (changed: ReadonlySet<Key>, ...groups: (readonly Key[])[]): boolean =>
  groups.some((keys) => keys.some((key) => changed.has(key)));
