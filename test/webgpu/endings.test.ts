import { expect, it } from 'vitest';
import { WebGpuBackend } from '../../src/webgpu/backend.js';
import { OPERATIONS, outcomeOf, unheardRejections } from '../backend/endings.js';

const unheard = unheardRejections();

/** Everything at once on each engine, for a software adapter takes long to make one ready. */
const ENDINGS = [
  { what: 'destroy', code: 'destroyed', end: (engine: WebGpuBackend) => engine.destroy() },
  {
    what: 'the loss of the device',
    code: 'device-lost',
    end: (engine: WebGpuBackend) => engine.gpu.destroy(),
  },
] as const;

it.each(ENDINGS)(
  '$what: every promise settles, with the same codes as on the CPU',
  async ({ code, end }) => {
    const wrong: string[] = [];
    for (const delay of [null, 0, 30]) {
      const engine = await WebGpuBackend.create();
      const calls: [string, () => Promise<unknown>][] = [];
      for (const [name, prepare] of Object.entries(OPERATIONS)) calls.push([name, await prepare(engine)]);
      const begun = calls.map(([name, call]) => [name, outcomeOf((async () => call())())] as const);
      if (delay !== null) await new Promise((resolve) => setTimeout(resolve, delay));
      end(engine);
      for (const [name, outcome] of begun) {
        const found = await outcome;
        if (found !== code && found !== 'resolved') wrong.push(`${name} after ${delay} ms: ${found}`);
      }
      while ((await outcomeOf(engine.finish())) === 'resolved')
        await new Promise((resolve) => setTimeout(resolve, 2));
      for (const [name, call] of calls) {
        const found = await outcomeOf((async () => call())());
        if (found !== code && !(name === 'Trainer.flush' && found === 'resolved'))
          wrong.push(`${name} again: ${found}`);
      }
      engine.destroy();
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(unheard()).toEqual([]);
    expect(wrong).toEqual([]);
  },
  600_000,
);
