import { Option } from 'commander';
import { type Setting, settingFromText } from '../settings.js';
import { helpLine } from '../settings_help.js';

/**
 * An option that gives a setting its value: help, range and default are those of its description.
 * @param flags '--steps <n>'
 * @param usual the default in words, where it is not the setting's own
 */
export function settingOption(flags: string, setting: Setting, usual?: string): Option {
  const [name] = flags.split(' ');
  return new Option(flags, helpLine(setting, usual)).argParser((text) =>
    settingFromText(name, setting, text),
  );
}
