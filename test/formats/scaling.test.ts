/** Every reader of text that a stranger may have written takes time in proportion to its length, on its worst too. */
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { customDataset, drawnLogDensity, originOf } from '../../demo/src/data/custom.js';
import { stateOf } from '../../demo/src/state.js';
import { notNegativeNumber, positiveNumber, wholeNumber } from '../../src/cli/options.js';
import { RunFolder } from '../../src/cli/run_folder.js';
import { decodeCsv } from '../../src/formats/csv.js';
import { decodeNpy } from '../../src/formats/npy.js';
import { decodeSafetensors } from '../../src/formats/safetensors.js';
import { escapeHtml, scriptJson } from '../../src/report/format.js';
import { parseRunConfig } from '../../src/run/config_file.js';
import { nearest } from '../../src/suggest.js';
import { temporaryFolder } from '../cli/run.js';
import { expectLinear } from '../scaling.js';

const folder = temporaryFolder();

function npyHeader(text: string): Uint8Array {
  const body = new TextEncoder().encode(text);
  const bytes = new Uint8Array(12 + body.length + 8);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 2, 0]);
  new DataView(bytes.buffer).setUint32(8, body.length, true);
  bytes.set(body, 12);
  return bytes;
}

function safetensorsHeader(text: string): Uint8Array {
  const body = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + body.length + 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(body.length), true);
  bytes.set(body, 8);
  return bytes;
}

let written = '';

function readLog(text: string): void {
  // Once: it is reading that is timed.
  if (text !== written) writeFileSync(folder('train.jsonl'), text);
  written = text;
  new RunFolder(folder()).log();
}

interface Reader {
  read: (text: string) => unknown;
  /** Beginnings that lead into each part of the reader. */
  starts: readonly string[];
  /** What is said again and again. */
  units: readonly string[];
  /** What ends it: badly, or well. */
  ends: readonly string[];
}

const READERS: Record<string, Reader> = {
  csv: {
    read: (text) => decodeCsv(text, 'a.csv'),
    starts: ['', '1,', '"a",b\n1,', 'a;"b"\n', 'a\t"b"\n1\t', '"a" b\n1 ', '"'],
    units: [
      ' ',
      '1',
      '"',
      '""',
      ',',
      '\n',
      '\r',
      '#\n',
      '"\n',
      '1,',
      '1 ',
      '"1",',
      '"a" ',
      '\t ',
      '.',
      '\u00a0',
    ],
    ends: ['x"', '\n1,2'],
  },
  'the header of npy': {
    read: (text) => decodeNpy(npyHeader(text), 'a.npy'),
    starts: ['{', "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), ", "{'shape': (", "{'", ''],
    units: [' ', "'", "'a':True,", '1', '1,', ', ', '(', ')', '}', '{', '[', '\n', "'a' ", "'a': '"],
    ends: ['}', ')}', 'x', ')}x'],
  },
  'keys of npy that differ, before blanks': {
    read: (text) => {
      const keys = Array.from({ length: text.length / 16 }, (_, i) => `'${i}':True,`);
      return decodeNpy(npyHeader(`{${keys.join('')}${' '.repeat(text.length / 2)}}`), 'a.npy');
    },
    ...{ starts: [''], units: ['x'], ends: [''] },
  },
  'the header of safetensors': {
    read: (text) => decodeSafetensors(safetensorsHeader(text), 'a.safetensors'),
    starts: ['{', '{"a":{"shape":[', '{"a":', '{"__metadata__":{"a":"', '{"', ''],
    units: [' ', '1', '1,', '"', '\\', '\\"', '{', '[', '{},', '0.', '1e', ',', '\n'],
    ends: ['}', ']}}', 'x'],
  },
  config: {
    read: (text) => parseRunConfig(text, 'config.json'),
    starts: ['', '{"family":"', '{"data":{"name":"', '{"steps":', '{"heads":['],
    units: [' ', '1', '"', '\\', '[', '{', '"a",', 'a', '1,'],
    ends: ['', '"}', '}', ']}'],
  },
  'the log': {
    read: readLog,
    starts: ['', '{"step":', '{"step":1,"losses":{"'],
    units: [' ', '1', '"', '\n', '{"step":1}\n', '{', '[', '\\'],
    ends: ['', '}\n'],
  },
  'the address of the page': {
    read: stateOf,
    starts: ['#', '#seed=', '#custom=', '#family=', '#data='],
    units: ['#', '&', '=', '%', '%20', '+', '1', 'a&', 'a=1&', 'seed=1&', '.'],
    ends: ['', 'x'],
  },
  'data in the address': {
    read: (text) => {
      for (const part of [originOf, drawnLogDensity, (t: string) => customDataset(t, 0)]) {
        try {
          part(text);
        } catch {
          // Each is to be tried.
        }
      }
    },
    starts: ['', 'p.', 'p.0.0.1.9.', 'p.0.0.1.', 'g.', 'p.1,'],
    units: ['.', ',', '1', 'A', '-', '_', '=', ' ', '%', '.1'],
    ends: ['', '='],
  },
  'words of the command line': {
    read: (text) => {
      for (const parse of [wholeNumber(0), positiveNumber, notNegativeNumber]) {
        try {
          parse(text);
        } catch {
          // Each is to be tried.
        }
      }
      nearest(text, ['flow-matching', 'stochastic-interpolant']);
    },
    starts: ['', '-', '0.', '1e'],
    units: ['1', ' ', '-', 'a', '.', 'é'],
    ends: ['', 'x'],
  },
  'text in a report': {
    read: (text) => escapeHtml(text) + scriptJson(text),
    starts: [''],
    units: ['<', '</script', '&', "'", ' ', '1', '\u2028'],
    ends: [''],
  },
};

describe.each(Object.entries(READERS))('%s', (_, { read, starts, units, ends }) => {
  it.each(units)('takes time in proportion to many %j', (unit) => {
    starts.forEach((start, i) => {
      const end = ends[(i + units.indexOf(unit)) % ends.length];
      expectLinear(read, (n) => `${start}${unit.repeat(Math.ceil(n / unit.length))}${end}`);
    });
  });
});

it('notices a reader that goes back for every blank', () => {
  const read = (text: string) => text.replace(/ +$/, '');
  expect(() => expectLinear(read, (n) => `${' '.repeat(n)}x`)).toThrow('at once');
});
