import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { badInput, TributaryError } from '../errors.js';
import { defineFamily, type OwnFamily } from '../families/own.js';
import { ownFamilyNames } from '../families/registry.js';
import type { RunConfig } from '../model/run_config.js';

/** Modules of families of somebody's own, by the family's name. A module is loaded because a command names it only. */
const modules = new Map<string, string>();

/** Whether a word names a module and not a family: it has a folder or an ending. */
const isModule = (word: string): boolean => /[\\/]/.test(word) || /\.[cm]?[jt]s$/i.test(word);

/** What a family is given by on a command line: its name, or the whole path of the module that it was loaded from. */
export const familyWord = (name: string): string => modules.get(name) ?? name;

/** Words that a command needs for a run of this family; none for those that are built in. */
export const familyOption = (name: string): string[] =>
  modules.has(name) ? ['--family', familyWord(name)] : [];

/**
 * The family's name that a word stands for; a module is loaded, and its family entered.
 * @throws TributaryError('bad-input') for a module that is not there, cannot be loaded, or exports no family
 */
export async function familyNamed(word: string): Promise<string> {
  if (!isModule(word)) return word;
  const path = resolve(word);
  if (!existsSync(path))
    badInput(`there is no file ${path}: give the module of a family, or a family's name`);
  let loaded: { readonly default?: unknown };
  try {
    loaded = await import(/* @vite-ignore */ pathToFileURL(path).href);
  } catch (error) {
    if (error instanceof TributaryError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new TributaryError('bad-input', `${word} cannot be loaded: ${why.split('\n')[0]}`, {
      cause: error,
    });
  }
  const family = loaded.default as OwnFamily | undefined;
  if (family === undefined || family === null)
    badInput(`${word} exports no family; it must say: export default defineFamily({ … })`);
  // What another copy of this library has defined is not known here yet.
  const { name } = ownFamilyNames().includes(family.name) ? family : defineFamily(family);
  modules.set(name, path);
  return name;
}

/** An option of commands that take a run: where its family is somebody's own, its module. */
export const addFamilyOption = (command: Command): Command =>
  command.option('--family <file>', 'the module of a family of your own, where the run is of one');

/** @throws TributaryError('bad-input') for a module, or a name, that a run has no use for */
export function checkFamilyOption(given: string | undefined, { family }: RunConfig): void {
  if (given === undefined) return;
  if (given !== family) badInput(`this run is of ${family}, and ${given} is not it: leave --family out`);
  if (!modules.has(given)) badInput(`${given} is built in: leave --family out`);
}

/** Loads what a command's options and arguments name, and puts the family's name in its place. */
export async function loadOwnFamilies(command: Command): Promise<void> {
  const { family, families } = command.opts() as { family?: unknown; families?: unknown };
  if (typeof family === 'string') command.setOptionValue('family', await familyNamed(family));
  if (typeof families === 'string') {
    const names: string[] = [];
    for (const word of families.split(',')) names.push(await familyNamed(word.trim()));
    command.setOptionValue('families', names.join(','));
  }
}
