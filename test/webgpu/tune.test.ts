/** Choosing variants: by the table, by measuring, by what was kept, by what another engine has chosen. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { caseInputs } from '../../src/backend/cases.js';
import { contractOf } from '../../src/backend/kernels.js';
import { createEngine, type EngineOptions } from '../../src/engine.js';
import { runCase } from '../../src/verify/kernels.js';
import { choiceStore } from '../../src/webgpu/choice_store.js';
import { useAdapter } from '../shared/lent.js';

useAdapter();
const before = process.env.XDG_CACHE_HOME;
let cache: string;
beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), 'tributary-tune-'));
  process.env.XDG_CACHE_HOME = cache;
});
afterEach(() => rmSync(join(cache, 'tributary'), { recursive: true, force: true }));
afterAll(() => {
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
  rmSync(cache, { recursive: true, force: true });
});

const FILE = () => join(cache, 'tributary', 'kernels.json');
const contract = contractOf('linear_forward');
const params = { batch: 40, inputs: 24, outputs: 36, hasResidual: 1 };
const SHAPE = 'batch 40, inputs 24, outputs 36';

/** What an engine chooses for one product, and what that comes to. */
async function choose(options: Pick<EngineOptions, 'tune' | 'choices' | 'half'>) {
  const engine = await createEngine({ backend: 'webgpu', ...options });
  try {
    const { written } = await runCase(engine, contract, params, caseInputs(contract, params, 2));
    return { choices: engine.choices?.() ?? [], device: engine.device, y: written.y };
  } finally {
    engine.destroy();
  }
}

it('by the fixed table nothing is measured and nothing kept', async () => {
  const { choices } = await choose({});
  expect(choices).toEqual([{ kernel: 'linear_forward', shape: SHAPE, variant: 'quads', by: 'fixed' }]);
  expect(() => readFileSync(FILE())).toThrow('ENOENT');
});

it('by measuring all candidates are timed, the choice is kept, and the next engine finds it', async () => {
  const tuned = await choose({ tune: true });
  const [{ variant, by, ms = {} }] = tuned.choices;
  expect(by).toBe('tuned');
  expect(Object.keys(ms).length).toBeGreaterThanOrEqual(1);
  expect(Object.values(ms).every((time) => time > 0)).toBe(true);
  const kept = JSON.parse(readFileSync(FILE(), 'utf8'));
  expect(kept).toEqual({ [tuned.device]: { [`linear_forward: ${SHAPE}`]: variant } });
  const again = await choose({ tune: 'cached' });
  expect(again.choices).toEqual([{ kernel: 'linear_forward', shape: SHAPE, variant, by: 'kept' }]);
  expect(again.y).toEqual(tuned.y);
});

it('what another engine has chosen wins, and gives the same bits', async () => {
  const usual = await choose({});
  const choices = [{ kernel: 'linear_forward', shape: SHAPE, variant: 'staged_vec4' }];
  const told = await choose({ choices });
  expect(told.choices).toEqual([{ ...choices[0], by: 'kept' }]);
  expect(told.y).toEqual(usual.y);
});

it('what is kept may be anything: what is not possible is not taken', async () => {
  const usual = await choose({});
  const write = (content: string) => {
    mkdirSync(join(cache, 'tributary'), { recursive: true });
    writeFileSync(FILE(), content);
  };
  const call = `linear_forward: ${SHAPE}`;
  for (const content of ['', '[]', 'null', '{"', '{"card":7}', '{"card":null}', `{"card":{"${call}":7}}`]) {
    write(content);
    expect(await choiceStore().load('card')).toEqual({});
  }
  // Of a version that had other variants.
  write(JSON.stringify({ [usual.device]: { [call]: 'of_old' } }));
  expect(await choose({ tune: 'cached' })).toEqual(usual);
});

it('halves are taken from no other engine: neither kept where they were given, nor given up where they are asked for', async () => {
  const usual = await choose({});
  const choices = [{ kernel: 'linear_forward', shape: SHAPE, variant: 'staged_half' }];
  const given = await choose({ choices, tune: true });
  expect(given.choices[0].variant).toBe('staged_half');
  expect(given.y).not.toEqual(usual.y);
  const call = `linear_forward: ${SHAPE}`;
  mkdirSync(join(cache, 'tributary'), { recursive: true });
  writeFileSync(FILE(), JSON.stringify({ [usual.device]: { [call]: 'staged_half' } }));
  expect(await choose({ tune: 'cached' })).toEqual(usual);
  writeFileSync(FILE(), JSON.stringify({ [usual.device]: { [call]: 'direct' } }));
  const half = await choose({ tune: 'cached', half: true });
  expect(half.choices[0].variant).toBe('staged_half');
  expect(half.y).toEqual(given.y);
});

it('a place that cannot be written keeps nobody from tuning', async () => {
  writeFileSync(join(cache, 'tributary'), 'a file where the folder would be');
  expect((await choose({ tune: true })).choices[0].by).toBe('tuned');
});

it('another word is refused', async () => {
  const tune = 'always' as unknown as boolean;
  await expect(createEngine({ backend: 'webgpu', tune })).rejects.toThrow(
    "tune is always; it must be true, false or 'cached'",
  );
});
