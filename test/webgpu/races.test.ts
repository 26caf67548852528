/**
 * Kernels that share workgroup memory, run in lockstep on the CPU by wgsl_reflect, which sees every access
 * between two barriers: a missing barrier is a race, even where a real device happens to get away with it.
 */
import { describe, expect, it } from 'vitest';
import { detectRaces } from 'wgsl_reflect/wgsl_reflect.module.js';
import { caseInputs } from '../../src/backend/cases.js';
import { contractOf } from '../../src/backend/kernels.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { difference, KERNEL_BOUND, runCase } from '../../src/verify/kernels.js';
import { LAUNCHES } from '../../src/webgpu/launches.js';
import { packUniform } from '../../src/webgpu/prepare.js';
import { SHADERS } from '../../src/webgpu/shaders.js';
import { kernelOf, type ShaderName } from '../../src/webgpu/variants.js';

/** Small, because the interpreter is slow; ragged tiles, and more than one step along k. */
const CONSTANTS: Record<string, number> = {
  WORKGROUP_X: 2,
  WORKGROUP_Y: 3,
  TILE_K: 4,
  TILE_K4: 1,
  WORKGROUP_SIZE: 16,
  DISPATCH_ROW: 1000,
};

const forward = { batch: 13, inputs: 6, outputs: 9, hasResidual: 1 };
const backwardInput = { batch: 13, inputs: 9, outputs: 6, accumulate: 1 };
const backwardWeight = { batch: 70, inputs: 5, outputs: 3, accumulate: 1, accumulateBias: 1 };
/** Sizes that are read four at a time, ragged against the tiles. */
const fours = { batch: 29, inputs: 8, outputs: 20 };

const CASES: Partial<Record<ShaderName, Record<string, number>>> = {
  'linear_forward.staged': forward,
  'linear_forward.staged_half': { ...forward, ...fours },
  'linear_forward.staged_vec4': { ...forward, ...fours },
  'linear_backward_input.staged': backwardInput,
  'linear_backward_input.staged_vec4': { ...backwardInput, ...fours },
  'linear_backward_weight.staged': backwardWeight,
  'linear_backward_weight.staged_vec4': { ...backwardWeight, ...fours, batch: 70 },
  'reduce_sum.staged': { n: 100, chunk: 37, power: 2, history: 0 },
  sinkhorn_step: { n: 37, regularisation: 0.3, transpose: 1, warm: 1, accumulate: 1, relaxation: 1.7 },
  marginal_error: { n: 37, regularisation: 0.8 },
  rms_norm_forward: { batch: 3, width: 21, epsilon: 0.25 },
  rms_norm_tangent: { batch: 2, directions: 2, width: 21, epsilon: 0.25, accumulate: 1 },
  rms_norm_tangent_backward: { batch: 2, directions: 2, width: 21, epsilon: 0.25, accumulate: 1 },
  plan_draw: { seedLow: 1, seedHigh: 0, n: 37, regularisation: 0.4 },
};

/** `fn out_at(a: u32, b: u32, c: u32) -> u32 { return expression; }` */
const OUT_AT = /fn out_at\((\w+): u32, (\w+): u32, (\w+): u32\) -> u32 \{\s+return (.*);\s+\}/;

/**
 * The interpreter takes sizes of arrays from constants only, and loses what a call in a call returns: where a product
 * is written is put in place of the call.
 */
function interpretable(source: string): string {
  const withConstants = source.replace(
    /^override (\w+)[^;]*;/gm,
    (_, name: string) => `const ${name}: u32 = ${CONSTANTS[name]}u;`,
  );
  const [declared, ...parts] = OUT_AT.exec(withConstants) ?? [];
  if (declared === undefined) return withConstants;
  const [names, expression] = [parts.slice(0, 3), parts[3]];
  return withConstants
    .replace(declared, '')
    .replace(/\bout_at\((\w+), (\w+), (\w+)\)/g, (_, ...given: string[]) => {
      const word = new RegExp(`(?<!\\.)\\b(${names.join('|')})\\b`, 'g');
      return `(${expression.replace(word, (name) => given[names.indexOf(name)])})`;
    });
}

/** Runs all passes of a kernel on a shader's text: the races, and what the written arrays hold. */
function run(name: ShaderName, source: string) {
  const contract = contractOf(kernelOf(name));
  const params = CASES[name]!;
  const shader = SHADERS[name];
  const plan = LAUNCHES[name].plan(params, CONSTANTS);
  const inputs = caseInputs(contract, params, 4);
  const arrays = Object.fromEntries(
    Object.entries(inputs).map(([key, data]) => [
      key,
      data instanceof Uint32Array ? data : Float32Array.from(data),
    ]),
  );
  const bound: Record<number, unknown> = {
    0: { uniform: packUniform(shader, { ...params, ...plan.extras }) },
  };
  Object.values(arrays).forEach((data, i) => {
    bound[i + 1] = data.buffer;
  });
  if (plan.scratch) bound[Object.keys(arrays).length + 1] = new Float32Array(plan.scratch).buffer;
  const races: string[] = [];
  for (const { entry, workgroups } of plan.passes) {
    const result = detectRaces(interpretable(source), entry, [workgroups, 1, 1], { 0: bound });
    races.push(...result.races.map(({ message }) => message), ...result.errors);
  }
  return { races, arrays, inputs, params, contract };
}

describe('kernels with workgroup memory', () => {
  it('are all here', () => {
    const sharing = Object.values(SHADERS).filter(({ source }) => source.includes('var<workgroup>'));
    // The addresses of these two pass through nested calls, which the interpreter mixes up: fused.test.ts and
    // assignment.test.ts take their barriers away one by one instead, on Dawn.
    const names = [...Object.keys(CASES), 'fused_sampler', 'assignment'];
    expect(sharing.map(({ name }) => name).sort()).toEqual(names.sort());
  });

  it.each(Object.keys(CASES) as ShaderName[])('%s has no race', (name) => {
    expect(run(name, SHADERS[name].source).races).toEqual([]);
  });

  // The interpreter mixes up nested calls of user functions, so that the products' values come out wrong there
  // (their addresses in workgroup memory do not: these depend on built-in values and constants alone). Where
  // there are no such calls, a right result shows that the run was the real one.
  it('reduce_sum.staged has the right result in the interpreter', async () => {
    const { arrays, inputs, params, contract } = run(
      'reduce_sum.staged',
      SHADERS['reduce_sum.staged'].source,
    );
    const { written } = await runCase(new CpuBackend('f64'), contract, params, inputs);
    for (const [binding, expected] of Object.entries(written)) {
      expect(difference(arrays[binding], expected).relative).toBeLessThan(KERNEL_BOUND);
    }
  });

  it.each(Object.keys(CASES) as ShaderName[])('%s without its barriers is caught', (name) => {
    const mutated = SHADERS[name].source.replaceAll('workgroupBarrier();', '');
    expect(run(name, mutated).races.length).toBeGreaterThan(0);
  });
});
