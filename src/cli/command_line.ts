import { resolve } from 'node:path';
import type { Command } from 'commander';
import { isFile } from './dataset.js';
import { familyWord } from './own_family.js';

/** A word as a POSIX shell passes it on unchanged. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** A command and its words, ready to paste. */
export const commandOf = (words: readonly string[]): string =>
  ['npx', 'tributary', ...words].map(quoted).join(' ');

/** Options that say where a result goes or how it is shown, and not how it is made. */
const NOT_HOW = new Set(['out', 'json', 'overwrite', 'resume', 'profile', 'tune', 'checkpointEvery']);
/** Options that name a file, and those that do where the name looks like one. */
const FILES = new Set(['samples', 'points', 'start', 'config']);
const MAYBE_FILES = new Set(['data', 'base']);

/** A value as an option takes it: files by their whole path, so that the command holds in every folder. */
function valueText(name: string, value: unknown): string {
  const text = String(value);
  if (typeof value !== 'string') return text;
  if (name === 'family' || name === 'families') return text.split(',').map(familyWord).join(',');
  return FILES.has(name) || (MAYBE_FILES.has(name) && isFile(text)) ? resolve(text) : text;
}

/**
 * The command that makes a result again: its arguments as whole paths, and every option with a value, defaults among
 * them, for those may change from version to version.
 * @param changes values in place of those that were given; undefined leaves an option out
 * @param keep options that would be left out as saying nothing about how the result is made
 */
export function commandLine(
  command: Command,
  changes: Readonly<Record<string, unknown>> = {},
  keep: readonly string[] = [],
): string {
  const words = [command.name(), ...command.args.map((path) => resolve(path))];
  const values = { ...command.opts(), ...changes } as Record<string, unknown>;
  for (const option of command.options) {
    const name = option.attributeName();
    const value = values[name];
    if (option.negate) {
      if (value === false) words.push(option.long ?? option.flags);
      continue;
    }
    if (value === undefined || value === false || (NOT_HOW.has(name) && !keep.includes(name))) continue;
    words.push(option.long ?? option.flags);
    if (value !== true) words.push(keep.includes(name) ? resolve(String(value)) : valueText(name, value));
  }
  return commandOf(words);
}
