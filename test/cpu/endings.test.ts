import { expect, it } from 'vitest';
import type { Backend } from '../../src/backend/backend.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { SimdBackend } from '../../src/cpu/simd/backend.js';
import { endDuring, MOMENTS, OPERATIONS, unheardRejections } from '../backend/endings.js';

const unheard = unheardRejections();

interface Ending {
  readonly what: string;
  readonly code: string;
  readonly end: (engine: Backend) => void;
}

/** Ends a thread as the system would, behind the engine's back. */
const loseThread = (engine: Backend): void => {
  const { threads } = (engine as unknown as { pool: { threads: { terminate(): void }[] } }).pool;
  threads[0]?.terminate();
};

const ENDINGS: readonly Ending[] = [
  { what: 'destroy', code: 'destroyed', end: (engine) => engine.destroy() },
  {
    what: 'destroy, twice',
    code: 'destroyed',
    end: (engine) => {
      engine.destroy();
      engine.destroy();
    },
  },
  { what: 'the end of a thread', code: 'worker-lost', end: loseThread },
];

const ENGINES: Readonly<Record<string, () => Promise<Backend>>> = {
  'two threads': () => SimdBackend.create({ threads: 2 }),
  'one thread': () => SimdBackend.create({ threads: 1 }),
  'the reference': async () => new CpuBackend(),
};

const cases = Object.keys(ENGINES).flatMap((engine) =>
  ENDINGS.filter(({ what }) => what === 'destroy' || engine === 'two threads').map((ending) => ({
    engine,
    ending,
    what: ending.what,
  })),
);

const all = Object.keys(OPERATIONS);
/** Twenty thousand pairs take the reference a minute, and end there as samples do. */
const quick = all.filter((operation) => operation !== 'reflowPairs');

async function expectAll(tries: readonly (readonly [string[], string])[], engine: string, ending: Ending) {
  const found: string[] = [];
  let rejections = 0;
  for (const [operations, moment] of tries) {
    const made = await ENGINES[engine]();
    const end = () => ending.end(made);
    const { wrong, rejected } = await endDuring(made, operations, moment, end, ending.code);
    made.destroy();
    found.push(...wrong);
    rejections += rejected;
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(unheard()).toEqual([]);
  expect(found).toEqual([]);
  // Else nothing was ended in its middle.
  expect(rejections).toBeGreaterThan(3);
}

it.each(cases)(
  '$engine, $what: everything that waits at once settles, with the same code',
  ({ engine, ending }) =>
    expectAll(
      Object.keys(MOMENTS).map((moment) => [engine === 'the reference' ? quick : all, moment] as const),
      engine,
      ending,
    ),
);

it.each(ENDINGS.filter(({ what }) => what !== 'destroy, twice'))(
  'two threads, $what: each that waits alone settles',
  (ending) =>
    expectAll(
      all.map((operation) => [[operation], 'some milliseconds later'] as const),
      'two threads',
      ending,
    ),
);
