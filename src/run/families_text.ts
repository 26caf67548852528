import { familyByName, familyNames, ownFamilyNames } from '../families/registry.js';
import type { Family } from '../model/family.js';
import { STANDARD_MLP } from '../nn/mlp.js';
import type { Description } from '../settings.js';
import { helpOf, settingsTable } from '../settings_help.js';
import { hasNetworks, parametersOf } from './budget.js';
import { runConfig } from './defaults.js';

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

/** Trained parameters at the usual widths, for points in the plane; null for a family without networks. */
export function usualParameters(name: string): number | null {
  const data = { name: 'points', rows: 1000, dim: 2, ambient: 0, classes: 0, digest: '' };
  const config = runConfig<object>({ family: name, data, transform: { offset: [0, 0], scale: 1 } });
  return hasNetworks(config) ? parametersOf(config) : null;
}

/** The same in words. */
function parametersText(name: string): string {
  const count = usualParameters(name);
  const { hidden, inner } = STANDARD_MLP;
  if (count === null) return 'no network';
  return `${count} at the usual widths, hidden ${hidden} and inner ${inner}, for points in the plane`;
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
    `  parameters  ${parametersText(name)}`,
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
      `Parameters: ${parametersText(family.name)}.`,
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
