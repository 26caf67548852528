import { familyByName, familyNames, ownFamilyNames } from '../families/registry.js';
import type { Family } from '../model/family.js';
import type { Description } from '../settings.js';
import { helpOf, settingsTable } from '../settings_help.js';

/** Groups as headings name them. */
const GROUPS: Readonly<Record<string, string>> = {
  interpolant: 'Along an interpolant',
  'latent-variable': 'With latent variables',
  baseline: 'Baselines, without a network',
  own: 'Your own',
};

const heading = (group: string): string => GROUPS[group] ?? `${group[0].toUpperCase()}${group.slice(1)}`;

/** Families by group, in the registry's order. */
function byGroup(names = familyNames): [string, Family[]][] {
  const groups = new Map<string, Family[]>();
  for (const name of names) {
    const family = familyByName(name);
    groups.set(family.group, [...(groups.get(family.group) ?? []), family]);
  }
  return [...groups];
}

/** What log p is asked by, a line a method. */
function likelihoods({ likelihood }: Family): string[] {
  const methods = Object.entries(likelihood).map(
    ([name, { kind, summary }]) => `${name} (${kind}): ${summary}`,
  );
  return methods.length > 0 ? methods : ['none'];
}

/** Defaults that a family has of its own, for data of unit scale. */
function settingsOf(family: Family): Description {
  const usual = family.usual({ sigma: 1, spread: 1, distance: 0 }) as Readonly<Record<string, never>>;
  return Object.fromEntries(
    Object.entries(family.settings as Description).map(([name, setting]) => [
      name,
      { ...setting, usual: usual[name] },
    ]),
  );
}

/** All families, a line each, by group. */
export function familiesText(): string {
  const width = Math.max(...familyNames.map((name) => name.length));
  return byGroup()
    .map(([group, families]) =>
      [heading(group), ...families.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)].join(
        '\n',
      ),
    )
    .join('\n\n');
}

/** What a family is, what it minimises and where that is from, what may be set and asked of it. */
export function familyText(name: string): string {
  const family = familyByName(name);
  const { summary, formula, source } = family;
  return [
    `${family.name}: ${summary}`,
    '',
    `  loss        ${formula}`,
    `  source      ${source}`,
    ...likelihoods(family).map((line, i) => `  ${i === 0 ? 'likelihood' : '          '}  ${line}`),
    '',
    'settings, by --set NAME=VALUE (defaults for data of unit scale):',
    helpOf(settingsOf(family)),
  ].join('\n');
}

/** The page of all built-in families in Markdown. */
export function familiesMarkdown(): string {
  const own = ownFamilyNames();
  const parts = byGroup(familyNames.filter((name) => !own.includes(name))).flatMap(([group, families]) => [
    `## ${heading(group)}`,
    ...families.flatMap((family) => [
      `### ${family.name}`,
      `${family.summary[0].toUpperCase()}${family.summary.slice(1)}.`,
      `Loss: ${family.formula}`,
      `Source: ${family.source}.`,
      `Likelihood: ${likelihoods(family).join('; ')}.`,
      settingsTable(settingsOf(family)),
    ]),
  ]);
  return `${[
    '# Families',
    'Made from the registry by `npm run docs:families`; `npx tributary families NAME` says the same. Defaults are those for data of unit scale: some follow the data.',
    ...parts,
  ].join('\n\n')}\n`;
}
