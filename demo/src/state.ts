/** Everything a visitor can choose. It lives in the address after the #, so that a link shows what its sender saw. */
import {
  backendNames,
  couplingNames,
  diffusionNames,
  distributionNames,
  gammaNames,
  headNames,
  interpolantNames,
  pathNames,
  tableSolverNames,
} from 'tributary-engine';
import { keepOwn, keptOwn } from './data/own.js';

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
  /** The visitor's own points or density, see `data/custom.ts`. Last: where a long address is cut, the rest is whole. */
  custom: '',
};

export type State = typeof DEFAULTS;
export type Key = keyof State;

/** The values of what is chosen from a list. */
export const KNOWN: Partial<Record<Key, readonly (string | number)[]>> = {
  view: VIEWS,
  data: [...distributionNames, CUSTOM],
  family: interpolantNames,
  family2: interpolantNames,
  family3: ['', ...interpolantNames],
  family4: ['', ...interpolantNames],
  path: ['', ...pathNames],
  gamma: ['', ...gammaNames],
  head: ['', ...headNames],
  coupling: ['', ...couplingNames],
  diffusion: diffusionNames,
  hidden: HIDDEN,
  hidden2: HIDDEN,
  hidden3: HIDDEN,
  hidden4: HIDDEN,
  backend: backendNames,
  solver: tableSolverNames,
  colour: COLOURINGS,
  field: FIELDS,
};

/** Smallest and largest value of what is a number. */
export const RANGE: Partial<Record<Key, readonly [number, number]>> = {
  train: [1, 100_000],
  train2: [1, 100_000],
  seed: [0, 2 ** 32 - 1],
  n: [0, 4_000_000],
  steps: [1, 2 * MOST_STEPS],
  epsilon: [0, 5],
  guidance: [0, 8],
  label: [-1, 999],
  speed: [0.1, 4],
  t: [0, 1],
  x: [-1e3, 1e3],
  y: [-1e3, 1e3],
  span: [0, 1e4],
};

const WHOLE: ReadonlySet<Key> = new Set([
  'train',
  'train2',
  'seed',
  'n',
  'steps',
  'label',
  'hidden',
  'hidden2',
  'hidden3',
  'hidden4',
]);

function parsed(key: Key, text: string): State[Key] | undefined {
  const standard = DEFAULTS[key];
  if (typeof standard === 'boolean') return text === '1' ? true : text === '0' ? false : undefined;
  if (typeof standard === 'string') {
    const known = KNOWN[key];
    return known === undefined || known.includes(text) ? text : undefined;
  }
  const value = Number(text);
  const [low, high] = RANGE[key] ?? [-Infinity, Infinity];
  if (text === '' || !(value >= low && value <= high)) return undefined;
  if (WHOLE.has(key) && !Number.isInteger(value)) return undefined;
  const known = KNOWN[key];
  return known === undefined || known.includes(value) ? value : undefined;
}

/** The state that an address describes; what it does not say, or says wrongly, is as usual. */
export function stateOf(hash: string, onBad: (key: string) => void = () => undefined): State {
  const state: Record<string, unknown> = { ...DEFAULTS };
  for (const [key, text] of new URLSearchParams(hash.replace(/^#/, ''))) {
    const value = Object.hasOwn(DEFAULTS, key) ? parsed(key as Key, text) : undefined;
    if (value !== undefined) state[key] = value;
    else onBad(`${key}=${text.slice(0, 20)}`);
  }
  if (state.data === CUSTOM && state.custom === '') state.data = DEFAULTS.data;
  return state as State;
}

/** The shortest address of a state, without the #. */
export function hashOf(state: State): string {
  const words = new URLSearchParams();
  for (const key of Object.keys(DEFAULTS) as Key[]) {
    const value = state[key];
    if (value === DEFAULTS[key]) continue;
    if (key === 'custom' && state.data !== CUSTOM) continue;
    if (typeof value === 'boolean') words.set(key, value ? '1' : '0');
    else if (typeof value === 'number')
      words.set(key, String(WHOLE.has(key) ? value : Number(value.toPrecision(6))));
    else words.set(key, value);
  }
  return words.toString();
}

type Listener = (changed: ReadonlySet<Key>) => void;

/** The state, who listens to it, and the address that follows it. */
export class Store {
  state: State;
  private readonly listeners = new Set<Listener>();
  private writing: ReturnType<typeof setTimeout> | undefined;
  /** Which entries of the browser's history are views of this very visit: they bear its number. */
  private visit: number = history.state?.visit ?? Date.now();

  /** @param say told what an address says that is not known */
  constructor(private readonly say: (text: string) => void) {
    this.state = this.read();
    window.addEventListener('popstate', () => this.arrive());
  }

  /** Follows the browser, which went back or forth or to another address. */
  private arrive(): void {
    const { visit } = history.state ?? {};
    if (visit === this.visit) {
      // Only another view of what goes on.
      this.change({ view: stateOf(location.hash).view });
      this.write();
      return;
    }
    this.visit = visit ?? Date.now();
    if (location.hash.replace(/^#/, '') !== hashOf(this.state)) this.change(this.read());
  }

  /** The address's state; what it says wrongly is said. */
  private read(): State {
    const bad: string[] = [];
    const state = stateOf(location.hash, (words) => bad.push(words));
    if (state.custom === '') state.custom = keptOwn();
    if (bad.length > 0) this.say(`This page does not know what the address says of ${bad.join(', ')}.`);
    return state;
  }

  /** Another view is a step of the browser's history; everything else changes the address of the step at hand. */
  set(change: Partial<State>): void {
    const entering = change.view !== undefined && change.view !== this.state.view;
    if (entering) {
      this.write();
      history.pushState(null, '');
    }
    this.change(change);
    if (entering) this.write();
  }

  private change(change: Partial<State>): void {
    if (change.custom) keepOwn(change.custom);
    const changed = new Set<Key>();
    for (const key of Object.keys(change) as Key[]) if (change[key] !== this.state[key]) changed.add(key);
    if (changed.size === 0) return;
    this.state = { ...this.state, ...change };
    this.tell(changed);
    // Browsers limit how often an address may change.
    clearTimeout(this.writing);
    this.writing = setTimeout(() => this.write(), 250);
  }

  /** Puts the state into the address now. */
  write(): void {
    clearTimeout(this.writing);
    const words = hashOf(this.state);
    history.replaceState(
      { visit: this.visit },
      '',
      words === '' ? location.pathname + location.search : `#${words}`,
    );
  }

  /** Has everybody look again: something beside the state has changed. */
  touch(): void {
    this.tell(new Set());
  }

  /** One that fails keeps nobody else from following. */
  private tell(changed: ReadonlySet<Key>): void {
    for (const listener of this.listeners) {
      try {
        listener(changed);
      } catch (error) {
        this.say(error instanceof Error ? error.message : String(error));
      }
    }
  }

  on(listener: Listener): void {
    this.listeners.add(listener);
  }
}
