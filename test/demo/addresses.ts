/** Addresses as friends, typing hands and enemies make them: of all keys and all values that the page knows, and others. */
import { CounterRandom, STREAM } from 'tributary-engine';
import { encodeDensity, encodePoints, GRID } from '../../demo/src/data/custom.js';
import { CUSTOM, DEFAULTS, type Key, KNOWN, RANGE } from '../../demo/src/state.js';

const KEYS = Object.keys(DEFAULTS) as Key[];

const NONSENSE = [
  ...['', ' ', '0', '-0', '-1', '1e9', '1e308', '1e999', '-1e999', '1e-320', '0x10', '1_000', '½', 'NaN'],
  ...['Infinity', 'null', 'undefined', 'true', '[]', '{}', '__proto__', 'constructor', 'toString', '%'],
  ...[
    '%00',
    '%E0%A4%A',
    '%F0%9F%92%A9',
    '+',
    '&',
    '=',
    '#',
    '<img src=x onerror=alert(1)>',
    '../..',
    '\u202e',
  ],
  'x'.repeat(3000),
];

const STRANGE_KEYS = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  'Path',
  'path[]',
  '',
  ' ',
  '%',
];

const ramp = encodeDensity(Array.from({ length: GRID * GRID }, (_, i) => i % GRID));
const points = encodePoints(Float64Array.from({ length: 80 }, (_, i) => Math.cos(i * i)));

/** Data of one's own: whole, cut short, empty, broken, with units that cannot be or hardly. */
const CUSTOMS = [
  ...[
    ramp,
    points,
    ramp.slice(0, -3),
    points.slice(0, -3),
    'g.',
    'p.',
    'g.!!',
    'p.0.0.1.1.AAAA',
    'p.0.0.1.2.AAAA',
  ],
  ...['p.0.0.0.1.AAAA', 'p.NaN.0.1.1.AAAA', 'p.1e308.-1e308.1e308.1.AAAA', 'p.0.0.1e-320.1.AAAA'],
  ...['p.0.0.1.1e9.AAAA', 'p.0.0.1.1.AAAAAAAA', encodeDensity(new Array(GRID * GRID).fill(0))],
];

/** What is written for a key: mostly what the page itself would write. */
function written(key: Key, pick: <T>(list: readonly T[]) => T, wild: boolean): string {
  if (wild) return pick(NONSENSE);
  if (key === 'custom') return pick(CUSTOMS);
  const known = KNOWN[key];
  if (known !== undefined) return String(pick(known));
  if (typeof DEFAULTS[key] === 'boolean') return pick(['0', '1']);
  const [low, high] = RANGE[key] ?? [0, 1];
  const middle = (low + high) / 2;
  return String(
    pick([low, high, middle, Math.round(middle), low + (high - low) / 1000, 2 * high, low - 1, 3]),
  );
}

/** `count` addresses, without the #: every key has its turn, every value a chance, alone and with others. */
export function addresses(count: number, seed: number): string[] {
  return Array.from({ length: count }, (_, at) => {
    const random = new CounterRandom(seed, STREAM.data, at);
    let drawn = 0;
    const uniform = () => random.uniform(drawn++);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(uniform() * list.length)];
    // A third of them is friendly, for nonsense that is left out hides what it stands beside.
    const wildness = pick([0, 0.1, 0.5]);
    const keys = [
      KEYS[at % KEYS.length],
      ...Array.from({ length: Math.floor(uniform() * 7) }, () => pick(KEYS)),
    ];
    const words = keys.map((key) => {
      const value = written(key, pick, uniform() < wildness);
      const encoded = uniform() < 0.8 ? encodeURIComponent(value) : value;
      return `${uniform() < wildness / 5 ? pick(STRANGE_KEYS) : key}=${encoded}`;
    });
    if (keys.includes('custom')) words.push(`data=${encodeURIComponent(CUSTOM)}`);
    return words.join('&');
  });
}
