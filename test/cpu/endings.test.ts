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

/** What has been read back already may be had of an engine that has ended. */
const MAY_RESOLVE = ['Trainer.flush'];

const cases = Object.keys(ENGINES).flatMap((engine) =>
  ENDINGS.filter(({ code }) => code !== 'worker-lost' || engine.endsWith('threads')).map((ending) => ({
    engine,
    ending,
    what: ending.what,
  })),
);

it.each(cases)(
  '$engine, $what: every promise settles, with the same codes',
  async ({ engine, ending }) => {
    const wrong: string[] = [];
    let ended = 0;
    // The double end differs from the other only where it comes first.
    const moments = Object.keys(MOMENTS).filter(
      (moment) => ending.what !== 'destroy, twice' || moment === 'at once',
    );
    for (const operation of Object.keys(OPERATIONS)) {
      for (const moment of moments) {
        const made = await ENGINES[engine]();
        const { first, again } = await endDuring(made, operation, moment, () => ending.end(made));
        made.destroy();
        const fine = [
          ending.code,
          ...(moment === 'before' && !MAY_RESOLVE.includes(operation) ? [] : ['resolved']),
        ];
        if (!fine.includes(first)) wrong.push(`${operation}, ${moment}: ${first}`);
        const fineAgain = MAY_RESOLVE.includes(operation) ? [ending.code, 'resolved'] : [ending.code];
        if (!fineAgain.includes(again)) wrong.push(`${operation}, ${moment}, again: ${again}`);
        if (first === ending.code && moment !== 'before') ended++;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(unheard()).toEqual([]);
    expect(wrong).toEqual([]);
    // Else nothing was ended in its middle.
    expect(ended).toBeGreaterThan(10);
  },
  600_000,
);
