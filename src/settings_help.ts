/** What a description of settings says to its readers: help, a table, a JSON Schema. */
import { choicesOf, type Description, type Setting, wordsOf } from './settings.js';

const valueText = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value));

/** Names of a list that is not given in full; the others are found by `tributary families` and in messages. */
const LISTED = 12;

/** What a setting may be, in few words; '' for a text and for a number without ends. */
function rangeWords(setting: Setting): string {
  if (setting.kind === 'text' || setting.kind === 'flag') return '';
  if (setting.kind === 'choice') {
    const names = choicesOf(setting);
    return `${names.slice(0, LISTED).join(', ')}${names.length > LISTED ? ', …' : ''}`;
  }
  if (setting.kind === 'list') return wordsOf(setting);
  const words = wordsOf(setting);
  return words === 'a number' ? '' : words.replace(/^a number,? /, '').replace(/^a whole number, /, '');
}

/**
 * A setting in one line of help: 'training steps: 1 or more (default 6500)'.
 * @param usual the default in words, where it is not a value: 'twice --hidden'
 */
export function helpLine(setting: Setting, usual?: string): string {
  const range = rangeWords(setting);
  const unit = setting.kind === 'number' && setting.unit !== undefined ? ` ${setting.unit}` : '';
  const value = usual ?? (setting.usual === undefined ? undefined : `${valueText(setting.usual)}${unit}`);
  return `${setting.help}${range === '' ? '' : `: ${range}`}${value === undefined ? '' : ` (default ${value})`}`;
}

/** All settings, a line each, their names in one column. @param prefix before each name: 'interpolant.' */
export function helpOf(settings: Description, prefix = ''): string {
  const names = Object.keys(settings).map((name) => `${prefix}${name}`);
  const width = Math.max(0, ...names.map((name) => name.length));
  return Object.values(settings)
    .map((setting, i) => `  ${names[i].padEnd(width)}  ${helpLine(setting)}`)
    .join('\n');
}

/** All settings as a table in Markdown: name, symbol, default, values, help. */
export function settingsTable(settings: Description): string {
  const rows = Object.entries(settings).map(([name, setting]) => [
    `\`${name}\``,
    setting.symbol ?? '',
    setting.usual === undefined ? '' : `\`${valueText(setting.usual)}\``,
    setting.kind === 'flag' ? wordsOf(setting) : rangeWords(setting),
    setting.help,
  ]);
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [['setting', 'symbol', 'default', 'values', 'what it is'], Array(5).fill('---'), ...rows]
    .map(line)
    .join('\n');
}

/** A JSON Schema, of the keywords that descriptions need. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** Keywords whose value is not undefined. */
const keywords = (all: Record<string, unknown>): JsonSchema =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));

function schemaOf(setting: Setting): JsonSchema {
  const common = { description: setting.help, default: setting.usual };
  switch (setting.kind) {
    case 'flag':
      return keywords({ ...common, type: 'boolean' });
    case 'text':
      return keywords({ ...common, type: 'string' });
    case 'choice':
      return keywords({ ...common, enum: choicesOf(setting) });
    case 'list': {
      const { each, fewest, most } = setting;
      return keywords({ ...common, type: 'array', items: schemaOf(each), minItems: fewest, maxItems: most });
    }
    case 'number': {
      const { whole, least, above, most, below } = setting;
      return keywords({
        ...{ ...common, type: whole ? 'integer' : 'number' },
        ...{ minimum: least, exclusiveMinimum: above, maximum: most, exclusiveMaximum: below },
      });
    }
  }
}

/**
 * The JSON Schema (draft 2020-12) that says of a value what the check says; rules between several settings are beyond it.
 * @param complete whether every setting has to be there that is not optional, as `checkSettings` has it, and not only
 *   those without a default, as `completeSettings` has it
 */
export function jsonSchemaOf(settings: Description, { complete = false } = {}): JsonSchema {
  const entries = Object.entries(settings);
  const needed = entries.filter(([, { optional, usual }]) => !optional && (complete || usual === undefined));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, setting]) => [name, schemaOf(setting)])),
    required: needed.map(([name]) => name),
    additionalProperties: false,
  };
}
