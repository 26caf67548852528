/** Everything a visitor can choose. It lives in the address after the #, so that a link shows what its sender saw. */
import {
  backendNames,
  couplingNames,
  diffusionNames,
  distributionNames,
  gammaNames,
  headNames,
  pathNames,
  type Setting,
  settingFromText,
  tableSolverNames,
} from 'tributary-engine';
import {
  followsPath,
  ownDescription,
  ownKey,
  ownText,
  ownValues,
  pageFamilies,
  unknownKey,
} from './own_settings.js';

export const VIEWS = ['flow', 'compare', 'quiz', 'verify'] as const;
export const COLOURINGS = ['label', 'speed', 'logp', 'one'] as const;
export const FIELDS = ['none', 'arrows', 'streamlines'] as const;
export const HIDDEN = [16, 32, 48, 64, 128] as const;
export const COUNTS = [1000, 4000, 20_000, 100_000, 250_000, 1_000_000, 4_000_000] as const;

/** The value of a distribution that the visitor made. */
export const CUSTOM = 'your own';

/** The end of the slider; an address may ask for twice as many. */
export const MOST_STEPS = 100;

export const DEFAULTS = {
  view: 'flow' as (typeof VIEWS)[number],
  data: 'spirals',
  family: 'flow-matching',
  /** Empty: what the family says. */
  path: '',
  gamma: '',
  head: '',
  coupling: '',
  conditional: true,
  hidden: 48 as number,
  /** Training steps after which to stop. */
  train: 6000,
  seed: 0,
  backend: 'auto' as string,
  /** 0: what the device does well. */
  n: 0,
  solver: 'heun',
  steps: 24,
  /** The SDE beside the ODE. */
  sde: false,
  epsilon: 1,
  diffusion: 'sigma',
  /** 1 is off. */
  guidance: 1,
  /** −1: all of them. */
  label: -1,
  speed: 1,
  t: 1,
  play: true,
  colour: 'label' as (typeof COLOURINGS)[number],
  truth: false,
  points: false,
  field: 'none' as (typeof FIELDS)[number],
  trails: false,
  x: 0,
  y: 0,
  /** What the stage's height shows; 0: what the data need. */
  span: 0,
  /** Whether the window is as wide as the particles are at each time. */
  fit: false,
  /** The other models of the comparison; the third and the fourth may be absent. */
  family2: 'stochastic-interpolant',
  hidden2: 16 as number,
  family3: '',
  hidden3: 16 as number,
  family4: '',
  hidden4: 16 as number,
  /** Training steps of each of them. */
  train2: 4000,
  /** What is set of the family's own, as an address has it: `latent=3&samples=5`; empty: as the family says. */
  settings: '',
  /** The visitor's own points or density, see `data/custom.ts`. Last: where a long address is cut, the rest is whole. */
  custom: '',
};

export type State = typeof DEFAULTS;
export type Key = keyof State;

type Names = readonly string[];
const choice = (names: Names): Setting => ({ kind: 'choice', names, help: '' });
const flag: Setting = { kind: 'flag', help: '' };
const whole = (least: number, most: number): Setting => ({
  kind: 'number',
  whole: true,
  least,
  most,
  help: '',
});
const real = (least: number, most: number): Setting => ({ kind: 'number', least, most, help: '' });
const width = choice(HIDDEN.map(String));
const text: Setting = { kind: 'text', help: '' };

/** What each key may be: one description for addresses, lists and fields. Empty names stand for what the family says. */
export const DESCRIPTION: Readonly<Record<Key, Setting>> = {
  view: choice(VIEWS),
  data: choice([...distributionNames, CUSTOM]),
  family: choice(pageFamilies),
  path: choice(['', ...pathNames]),
  gamma: choice(['', ...gammaNames]),
  head: choice(['', ...headNames]),
  coupling: choice(['', ...couplingNames]),
  conditional: flag,
  hidden: width,
  train: whole(1, 100_000),
  seed: whole(0, 2 ** 32 - 1),
  backend: choice(backendNames),
  n: whole(0, 4_000_000),
  solver: choice(tableSolverNames),
  steps: whole(1, 2 * MOST_STEPS),
  sde: flag,
  epsilon: real(0, 5),
  diffusion: choice(diffusionNames),
  guidance: real(0, 8),
  label: whole(-1, 999),
  speed: real(0.1, 4),
  t: real(0, 1),
  play: flag,
  colour: choice(COLOURINGS),
  truth: flag,
  points: flag,
  field: choice(FIELDS),
  trails: flag,
  x: real(-1e3, 1e3),
  y: real(-1e3, 1e3),
  span: real(0, 1e4),
  fit: flag,
  family2: choice(pageFamilies),
  hidden2: width,
  family3: choice(['', ...pageFamilies]),
  hidden3: width,
  family4: choice(['', ...pageFamilies]),
  hidden4: width,
  train2: whole(1, 100_000),
  settings: text,
  custom: text,
};

const entries = Object.entries(DESCRIPTION) as [Key, Setting][];

/** The values of what is chosen from a list. */
export const KNOWN: Partial<Record<Key, readonly (string | number)[]>> = Object.fromEntries(
  entries.flatMap(([key, { kind, ...rest }]) =>
    kind === 'choice' && 'names' in rest
      ? [[key, typeof DEFAULTS[key] === 'number' ? (rest.names as Names).map(Number) : (rest.names as Names)]]
      : [],
  ),
);

/** Smallest and largest value of what is a number. */
export const RANGE: Partial<Record<Key, readonly [number, number]>> = Object.fromEntries(
  entries.flatMap(([key, setting]) =>
    setting.kind === 'number' ? [[key, [setting.least ?? -Infinity, setting.most ?? Infinity]]] : [],
  ),
);

const KEYS = Object.keys(DEFAULTS) as Key[];

/** What belongs to paths alone. */
const OF_PATHS: readonly Key[] = ['path', 'gamma', 'head', 'coupling'];

/** @throws TributaryError('bad-input') as a command line does */
function parsed(key: Key, text: string): State[Key] {
  const value = settingFromText(key, DESCRIPTION[key], text) as string | number | boolean;
  return typeof DEFAULTS[key] === 'number' ? Number(value) : value;
}

/** What a check of something says against it; nothing where it finds nothing. */
function objection(check: () => void): string {
  try {
    check();
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * The state that an address describes; what it does not say, or says wrongly, is as usual.
 * @param onBad told one line of each thing that it says wrongly: what it is, and what would be right
 */
export function stateOf(hash: string, onBad: (line: string) => void = () => undefined): State {
  const state: Record<string, unknown> = { ...DEFAULTS };
  const words = [...new URLSearchParams(hash.replace(/^#/, ''))];
  const check = (act: () => void) => {
    const line = objection(act);
    if (line !== '') onBad(line);
  };
  const isPages = (key: string): key is Key => key !== 'settings' && Object.hasOwn(DEFAULTS, key);
  for (const [key, value] of words)
    if (isPages(key))
      check(() => {
        state[key] = parsed(key, value);
      });
  const family = state.family as string;
  if (!followsPath(family))
    for (const key of OF_PATHS) {
      if (state[key] !== '') onBad(`${family} has no ${key}`);
      state[key] = '';
    }
  // A family's own settings are known once the family is.
  const own = ownDescription(family);
  const names = new Map(Object.keys(own).map((name) => [ownKey(name, KEYS), name]));
  const values: Record<string, unknown> = {};
  for (const [key, value] of words) {
    if (isPages(key)) continue;
    const name = names.get(key);
    if (name === undefined) onBad(unknownKey(key, [...KEYS.filter(isPages), ...names.keys()]));
    else
      check(() => {
        values[name] = settingFromText(name, own[name], value);
      });
  }
  state.settings = ownText(family, values);
  if (state.data === CUSTOM && state.custom === '') state.data = DEFAULTS.data;
  return state as State;
}

/** The shortest address of a state, without the #. */
export function hashOf(state: State): string {
  const words = new URLSearchParams();
  for (const key of KEYS) {
    const value = state[key];
    if (value === DEFAULTS[key]) continue;
    if (key === 'custom' && state.data !== CUSTOM) continue;
    if (key === 'settings')
      for (const [name, own] of new URLSearchParams(
        ownText(state.family, ownValues(state.family, String(value))),
      ))
        words.set(ownKey(name, KEYS), own);
    else if (typeof value === 'boolean') words.set(key, value ? '1' : '0');
    else if (typeof value === 'number')
      words.set(key, String(Number.isInteger(value) ? value : Number(value.toPrecision(6))));
    else words.set(key, value);
  }
  return words.toString();
}

/** How many lines of what an address says wrongly are said; the others are counted. */
const MOST_LINES = 3;

/** A mistake in few words: the nearest name is said, and all names are in the controls. */
const inFewWords = (line: string): string =>
  line.replace(/: did you mean ''\?/, '').replace(/;? valid names are .*$/s, '');

/** What is said of an address that says some things wrongly. */
export function badAddress(lines: readonly string[]): string {
  const more = lines.length - MOST_LINES;
  const said = lines.slice(0, MOST_LINES).map(inFewWords).join(' · ');
  return `The address says what cannot be, and the usual takes its place: ${said}${more > 0 ? ` · and ${more} more` : ''}.`;
}
