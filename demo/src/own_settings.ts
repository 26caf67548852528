/** A family's own settings as an address writes them, checked by their description. */
import {
  choicesOf,
  type Description,
  entriesOf,
  familyByName,
  familyNames,
  interpolantNames,
  type Setting,
  settingFromText,
} from 'tributary-engine';

/** Of those that learn along an interpolant these have keys of the page's own. */
const PAGES_OWN = ['path', 'gamma', 'heads', 'coupling'];

/** Families that the page trains: what is fitted at once has nothing to be watched at. */
export const pageFamilies: readonly string[] = familyNames.filter(
  (name) => familyByName(name).group !== 'baseline',
);

/** Whether particles of a family follow a path that a solver is chosen for, and whose velocity can be seen. */
export const followsPath = (family: string): boolean => interpolantNames.includes(family);

/** What a family lets be set, beside what has a control of the page's own. */
export function ownDescription(family: string): Description {
  const settings = Object.entries<Setting>(familyByName(family).settings as Description);
  return Object.fromEntries(
    followsPath(family) ? settings.filter(([name]) => !PAGES_OWN.includes(name)) : settings,
  );
}

/** The values that a text gives, by name: what it says wrongly is left out. @param text as {@link ownText} writes it */
export function ownValues(family: string, text: string): Record<string, unknown> {
  const described = ownDescription(family);
  const values: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(text))
    if (Object.hasOwn(described, name))
      try {
        values[name] = settingFromText(name, described[name], value);
      } catch {
        // Another family's, or an older version's.
      }
  return values;
}

/** As an address has them, in the order of their description. */
export function ownText(family: string, values: Readonly<Record<string, unknown>>): string {
  const words = new URLSearchParams();
  for (const name of Object.keys(ownDescription(family)))
    if (values[name] !== undefined) words.set(name, String(values[name]));
  return words.toString();
}

/** A setting's key in an address: one that the page itself has is told apart. */
export const ownKey = (name: string, pages: readonly string[]): string =>
  pages.includes(name) ? `settings.${name}` : name;

/** The line that says why a key means nothing, with the nearest that does. */
export function unknownKey(key: string, known: readonly string[]): string {
  try {
    entriesOf('', { [key]: '' }, known);
    return '';
  } catch (error) {
    return String((error as Error).message).split('; valid keys')[0];
  }
}

/** The names of a choice; those of other kinds of settings have none. */
export const namesOf = (setting: Setting): readonly string[] =>
  setting.kind === 'choice' ? choicesOf(setting) : [];
