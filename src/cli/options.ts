import { type Command, InvalidArgumentError, Option } from 'commander';
import { HEADER_CHOICES } from './points.js';

/** Parsers of option values: commander puts the option's name before their message. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
      // Bounds that only guard against overflow would read like advice.
      const range = most >= 2 ** 20 ? `${least} or more` : `from ${least} to ${most}`;
      throw new InvalidArgumentError(`It must be a whole number, ${range}.`);
    }
    return value;
  };
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

export function notNegativeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && Number.isFinite(value))) {
    throw new InvalidArgumentError('It must be a number, 0 or more.');
  }
  return value;
}

/** `--header yes|no`, for commands that read points from a .csv. @param files which */
export function addHeaderOption(command: Command, files: string): Command {
  return command.addOption(
    new Option(
      '--header <yes or no>',
      `whether the first line of ${files} names the columns of a .csv (default: told from its cells)`,
    ).choices(HEADER_CHOICES),
  );
}

/** An option's name as it is written. */
export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
