import type { Command } from 'commander';
import { badInput } from '../../errors.js';
import { familyByName, familyNames } from '../../families/registry.js';
import { familiesMarkdown, familiesText, familyText, usualParameters } from '../../run/families_text.js';
import type { Description } from '../../settings.js';
import { jsonSchemaOf } from '../../settings_help.js';
import { familyNamed } from '../own_family.js';

interface Options {
  readonly json?: boolean;
  readonly markdown?: boolean;
}

export function addFamiliesCommand(program: Command): void {
  program
    .command('families')
    .argument('[name]', 'a family, or the module of one of your own')
    .description('what there is to train: formula, source, settings, and what a model can be asked')
    .option('--markdown', 'print the page of all families')
    .option('--json', 'print as JSON, settings as a JSON Schema')
    .action(run);
}

async function run(word: string | undefined, { json, markdown }: Options): Promise<void> {
  if (markdown && (json || word !== undefined))
    badInput('--markdown is the page of all families: leave the name and --json out');
  const name = word === undefined ? undefined : await familyNamed(word);
  const names = name === undefined ? familyNames : [familyByName(name).name];
  const out = json
    ? JSON.stringify(names.map(described), null, 2)
    : markdown
      ? familiesMarkdown().trimEnd()
      : name === undefined
        ? `${familiesText()}\n\nmore about one: npx tributary families NAME`
        : familyText(name);
  process.stdout.write(`${out}\n`);
}

function described(name: string) {
  const family = familyByName(name);
  const { group, summary, formula, source, settings, likelihood } = family;
  return {
    ...{ name, group, summary, formula, source },
    likelihood: Object.fromEntries(
      Object.entries(likelihood).map(([method, { kind, summary: what }]) => [
        method,
        { kind, summary: what },
      ]),
    ),
    /** Trained, at the usual widths, for points in the plane. */
    parameters: usualParameters(name),
    settings: jsonSchemaOf(settings as Description),
  };
}
