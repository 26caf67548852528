/** The assignment's shader on Dawn: any number of invocations, and without its barriers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caseInputs } from '../../src/backend/cases.js';
import { contractOf } from '../../src/backend/kernels.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { runCase } from '../../src/verify/kernels.js';
import { WebGpuBackend } from '../../src/webgpu/backend.js';
import { SHADERS } from '../../src/webgpu/shaders.js';
import { checkOptimality } from '../backend/coupling.js';
import { useAdapter } from '../shared/lent.js';

let backend: WebGpuBackend;
useAdapter();
beforeAll(async () => {
  backend = await WebGpuBackend.create();
});
afterAll(() => backend.destroy());

const contract = contractOf('assignment');
const shader = SHADERS.assignment;
const SIZE = 'WORKGROUP_SIZE: u32 = 128u';

/** How many pairs of a problem come out differently when the shader has this text and so many invocations. */
async function wrongPairs(name: string, source: string, invocations: number): Promise<number> {
  const params = { n: 67 };
  const inputs = caseInputs(contract, params, 9);
  Object.assign(SHADERS, {
    assignment: {
      ...shader,
      name,
      source: source.replace(SIZE, `WORKGROUP_SIZE: u32 = ${invocations}u`),
      overrides: { ...shader.overrides, WORKGROUP_SIZE: invocations },
    },
  });
  try {
    const { written } = await runCase(backend, contract, params, inputs);
    const expected = await runCase(new CpuBackend('f64'), contract, params, inputs);
    return Array.from(written.pair).filter((i, j) => i !== expected.written.pair[j]).length;
  } finally {
    Object.assign(SHADERS, { assignment: shader });
  }
}

describe('the assignment on Dawn', () => {
  it('is the optimum of small problems', async () => {
    await checkOptimality(backend);
  });

  it.each([1, 16, 64, 256])('is the same with %i invocations', async (invocations) => {
    expect(shader.source).toContain(SIZE);
    expect(await wrongPairs(`of ${invocations}`, shader.source, invocations)).toBe(0);
  });

  // The software adapter runs four invocations to the next barrier before it starts the next four: an order in
  // which the reduction's barriers show. The others guard what the first invocation, which runs first here, writes;
  // prices, which need not be right for the paths to be; and the scale, for which another power of two would do.
  const pieces = shader.source.split(/(?:workgroup|storage)Barrier\(\);/);
  const barriers = shader.source.match(/(?:workgroup|storage)Barrier\(\);/g) as string[];

  it.each([0, 1])('needs barrier number %i', async (k) => {
    const source = pieces.reduce((text, piece, i) => text + (i === k + 1 ? '' : barriers[i - 1]) + piece);
    expect(await wrongPairs(`without ${k}`, source, 16)).toBeGreaterThan(0);
  });
});
