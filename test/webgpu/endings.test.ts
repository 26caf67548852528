import { expect, it } from 'vitest';
import { WebGpuBackend } from '../../src/webgpu/backend.js';
import { endDuring, OPERATIONS, unheardRejections } from '../backend/endings.js';

const unheard = unheardRejections();

/** Two moments, for a software adapter takes some seconds to make ready all that waits. */
const ENDINGS = [
  { what: 'destroy', code: 'destroyed', end: (engine: WebGpuBackend) => engine.destroy() },
  {
    what: 'the loss of the device',
    code: 'device-lost',
    end: (engine: WebGpuBackend) => engine.gpu.destroy(),
  },
] as const;

it.each(ENDINGS)('$what: every promise settles, with the codes that the CPU gives', async ({ code, end }) => {
  const found: string[] = [];
  for (const moment of ['at once', 'some milliseconds later'] as const) {
    const engine = await WebGpuBackend.create();
    const { wrong } = await endDuring(engine, Object.keys(OPERATIONS), moment, () => end(engine), code);
    engine.destroy();
    found.push(...wrong.map((text) => `${moment}: ${text}`));
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(unheard()).toEqual([]);
  expect(found).toEqual([]);
});
