/**
 * The one description of a setting. Defaults, types, checks of what comes from code, a command line, a config file or
 * a page's address, `--help`, tables and a JSON Schema are all made from it.
 *
 *     const settings = {
 *       latent: { kind: 'number', usual: 2, whole: true, least: 1, most: 64, help: 'latent coordinates' },
 *       loss: { kind: 'choice', usual: 'plain', names: ['plain', 'huber'], help: 'what is minimised' },
 *     } as const satisfies Description;
 *     type Settings = SettingsOf<typeof settings>; // { readonly latent: number; readonly loss: 'plain' | 'huber' }
 */
import { badInput, TributaryError } from './errors.js';
import { brief, nearest, shown, unknownName } from './suggest.js';

interface Described {
  /** One line: what it is. */
  readonly help: string;
  /** What papers write for it. */
  readonly symbol?: string;
  /** It may be missing from complete settings, and is `usual` then. */
  readonly optional?: true;
}

/** A finite number in a range: `least` and `most` belong to it, `above` and `below` do not. */
export interface NumberSetting extends Described {
  readonly kind: 'number';
  /** The default; a setting without one has to be given. */
  readonly usual?: number;
  readonly whole?: true;
  readonly least?: number;
  readonly above?: number;
  readonly most?: number;
  readonly below?: number;
  /** What it counts or is measured in: 'steps'. */
  readonly unit?: string;
  /** What 0 means: 'off'. */
  readonly zero?: string;
}

/** One of a list of names. */
export interface ChoiceSetting extends Described {
  readonly kind: 'choice';
  readonly usual?: string;
  readonly names: readonly string[] | (() => readonly string[]);
}

export interface FlagSetting extends Described {
  readonly kind: 'flag';
  readonly usual?: boolean;
}

export interface TextSetting extends Described {
  readonly kind: 'text';
  readonly usual?: string;
}

/** Several of one kind, in order. */
export interface ListSetting extends Described {
  readonly kind: 'list';
  readonly usual?: readonly (number | string | boolean)[];
  readonly each: ItemSetting;
  /** What a message calls one of them: 'head'. */
  readonly item: string;
  readonly fewest: number;
  readonly most: number;
}

export type ItemSetting = NumberSetting | ChoiceSetting | FlagSetting | TextSetting;
export type Setting = ItemSetting | ListSetting;

/** Settings by name. */
export type Description = Readonly<Record<string, Setting>>;

/** What the values of a setting are. */
export type ValueOf<S> = S extends { kind: 'number' }
  ? number
  : S extends { kind: 'flag' }
    ? boolean
    : S extends { kind: 'choice'; names: infer N }
      ? N extends readonly (infer T)[]
        ? T
        : N extends () => readonly (infer T)[]
          ? T
          : never
      : S extends { kind: 'list'; each: infer E }
        ? readonly ValueOf<E>[]
        : string;

/** The object that a description describes. */
export type SettingsOf<D extends Description> = {
  readonly [K in keyof D as D[K] extends { optional: true } ? never : K]: ValueOf<D[K]>;
} & { readonly [K in keyof D as D[K] extends { optional: true } ? K : never]?: ValueOf<D[K]> };

/** What describes a value of type T. */
export type SettingFor<T> = [T] extends [boolean]
  ? FlagSetting
  : [T] extends [number]
    ? NumberSetting
    : [T] extends [string]
      ? ChoiceSetting | TextSetting
      : [T] extends [readonly unknown[]]
        ? ListSetting
        : never;

/** What describes an object of type S. */
export type Settings<S extends object> = { readonly [K in keyof S]-?: SettingFor<Exclude<S[K], undefined>> };

/** The defaults of all settings that have one. */
export type Usual<D extends Description> = {
  readonly [K in keyof D as D[K] extends { usual: unknown } ? K : never]: ValueOf<D[K]>;
};

export function usualOf<D extends Description>(settings: D): Usual<D> {
  const known = Object.entries(settings).filter(([, { usual }]) => usual !== undefined);
  return Object.fromEntries(known.map(([name, { usual }]) => [name, usual])) as Usual<D>;
}

export const choicesOf = ({ names }: ChoiceSetting): readonly string[] =>
  typeof names === 'function' ? names() : names;

/** Ends from here on only guard against overflow: said to who goes beyond, and advice to nobody else. */
const GUARD = 1e6;

/** A range in words: 'from 0 (off) to below 1', 'above 0', '1 or more'; '' where there is none. */
function rangeOf({ least, above, most, below, zero }: NumberSetting, guards: boolean): string {
  const end = most ?? below;
  const top =
    end !== undefined && (guards || end < GUARD) ? `${most === undefined ? 'below ' : ''}${end}` : '';
  if (above !== undefined) return `above ${above}${top && (most === undefined ? ' and ' : ' to ')}${top}`;
  if (least === undefined) return top && `up to ${top}`;
  const start = least === 0 && zero ? `0 (${zero})` : least;
  return top ? `from ${start} to ${top}` : `${start} or more`;
}

/**
 * What a setting may be, in words: 'a whole number from 1 to 64', 'true or false', 'one of sqrt, quadratic'.
 * @param value that is not right; for a number in the wrong place its range alone is said
 */
export function wordsOf(setting: Setting, value?: unknown): string {
  switch (setting.kind) {
    case 'flag':
      return 'true or false';
    case 'text':
      return 'a text';
    case 'choice':
      return `one of ${choicesOf(setting).join(', ')}`;
    case 'list': {
      const { each, item, fewest, most } = setting;
      const what = each.kind === 'choice' ? choicesOf(each).join(', ') : `${item}s, each ${wordsOf(each)}`;
      if (fewest === 1 && most === 2) return `one or two of ${what}`;
      return `${fewest} ${most < GUARD ? `to ${most}` : 'or more'} of ${what}`;
    }
    case 'number': {
      const { whole, least = setting.above } = setting;
      const placed = typeof value === 'number' && Number.isFinite(value);
      const range = rangeOf(setting, placed && !(value < (least ?? value)));
      if (placed && range && !whole) return range;
      return `a ${whole ? 'whole ' : ''}number${range && (/more$/.test(range) ? ', ' : ' ')}${range}`;
    }
  }
}

/** What a reader of somebody else's object finds; null where reading it throws. */
function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function checkList(name: string, setting: ListSetting, value: unknown): readonly unknown[] {
  const { each, item, fewest, most } = setting;
  const list = attempt(() => {
    if (!Array.isArray(value) || value.length < fewest || value.length > most) return null;
    return Array.from(value as unknown[]);
  });
  if (list === null) badInput(`${name} is ${shown(value)}; give ${wordsOf(setting)}`);
  return list.map((one, i) => checkSetting(each.kind === 'choice' ? item : `${name} ${i + 1}`, each, one));
}

/**
 * A value, if it is right for a setting.
 * @param name what a message calls it: 'interpolant timeMin', '--steps'
 * @throws TributaryError('bad-input') saying what is wrong and what would be right, and never another error
 */
export function checkSetting<S extends Setting>(name: string, setting: S, value: unknown): ValueOf<S> {
  return checked(name, setting, value) as ValueOf<S>;
}

function isRight(setting: ItemSetting, value: unknown): boolean {
  if (setting.kind === 'choice') return choicesOf(setting).includes(value as string);
  if (setting.kind !== 'number') return typeof value === (setting.kind === 'flag' ? 'boolean' : 'string');
  const { whole, least = -Infinity, above = -Infinity, most = Infinity, below = Infinity } = setting;
  if (typeof value !== 'number' || !(whole ? Number.isInteger(value) : Number.isFinite(value))) return false;
  return value >= least && value > above && value <= most && value < below;
}

function checked(name: string, setting: Setting, value: unknown): unknown {
  if (setting.kind === 'list') return checkList(name, setting, value);
  if (isRight(setting, value)) return value;
  if (setting.kind === 'choice' && typeof value === 'string') unknownName(name, value, choicesOf(setting));
  badInput(`${name} is ${shown(value)}; it must be ${wordsOf(setting, value)}`);
}

/**
 * The own entries of a plain object, none of whose keys is unknown.
 * @param what it is, as keys are written in a config: 'network'; '' for the outermost
 * @param keys all that it may have
 * @throws TributaryError('bad-input') with the nearest key, and for anything but a plain object
 */
export function entriesOf(
  what: string,
  value: unknown,
  keys: readonly string[],
): ReadonlyMap<string, unknown> {
  const name = what === '' ? 'what is given' : `"${what}"`;
  const entries = attempt(() => {
    if (Object.prototype.toString.call(value) !== '[object Object]') return null;
    const own = value as Record<PropertyKey, unknown>;
    return new Map(Reflect.ownKeys(own).map((key) => [key, own[key]]));
  });
  if (entries === null) badInput(`${name} must be an object; it is ${shown(value)}`);
  for (const key of entries.keys()) {
    if (keys.includes(key as string)) continue;
    const word = String(key);
    const hint = nearest(word, keys);
    badInput(
      `unknown key "${what === '' ? '' : `${what}.`}${brief(word)}"${hint ? `: did you mean "${hint}"?` : `; valid keys are ${keys.join(', ')}`}`,
    );
  }
  return entries as ReadonlyMap<string, unknown>;
}

function read<D extends Description>(what: string, settings: D, value: unknown, missing: 'refuse' | 'leave') {
  const entries = entriesOf(what, value, Object.keys(settings));
  const values: [string, unknown][] = [];
  for (const [name, setting] of Object.entries(settings)) {
    const own = entries.get(name);
    if (own === undefined && (missing === 'leave' || setting.optional)) continue;
    values.push([name, checkSetting(what === '' ? name : `${what} ${name}`, setting, own)]);
  }
  return Object.fromEntries(values);
}

/**
 * Complete settings, as a config that is written down has them.
 * @param what they are of, as keys are written in a config: 'interpolant'; '' for the outermost
 * @throws TributaryError('bad-input') with the first thing that is wrong: a key that is unknown, with the nearest one,
 *   or missing, a value of another kind or outside of its range; never another error
 */
export function checkSettings<D extends Description>(
  what: string,
  settings: D,
  value: unknown,
): SettingsOf<D> {
  return read(what, settings, value, 'refuse') as SettingsOf<D>;
}

/** Some settings, as somebody gives them who leaves the others as they are. @throws as {@link checkSettings} */
export function checkGiven<D extends Description>(
  what: string,
  settings: D,
  value: unknown,
): Partial<SettingsOf<D>> {
  return read(what, settings, value, 'leave') as Partial<SettingsOf<D>>;
}

/** Complete settings from some of them: the others are as usual. @throws as {@link checkSettings} */
export function completeSettings<D extends Description>(
  what: string,
  settings: D,
  given: unknown,
): SettingsOf<D> {
  return checkSettings(what, settings, { ...usualOf(settings), ...checkGiven(what, settings, given) });
}

/** What a check of something finds, its origin before its message: 'mine.json: interpolant heads is []; …'. */
export function checkedFrom<T>(origin: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof TributaryError) throw new TributaryError(error.code, `${origin}: ${error.message}`);
    throw error;
  }
}

/** What a text says of a value; the text itself where that is nothing, for the check to refuse. */
function parsed(setting: Setting, text: string): unknown {
  switch (setting.kind) {
    case 'number':
      return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
    case 'flag':
      return (
        new Map<string, unknown>([
          ['true', true],
          ['1', true],
          ['false', false],
          ['0', false],
        ]).get(text) ?? text
      );
    case 'list':
      return text === '' ? [] : text.split(',').map((one) => parsed(setting.each, one.trim()));
    default:
      return text;
  }
}

/**
 * The value that a command line's option or a page's address gives a setting: numbers in decimal, `true` or `1` and
 * `false` or `0`, lists with commas between.
 * @param name what a message calls it
 * @throws TributaryError('bad-input') as {@link checkSetting}
 */
export function settingFromText<S extends Setting>(name: string, setting: S, text: string): ValueOf<S> {
  return checkSetting(name, setting, parsed(setting, text));
}
