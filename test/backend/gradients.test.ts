import { afterAll, describe, expect, it } from 'vitest';
import { caseInputs } from '../../src/backend/cases.js';
import type { BindingSpec } from '../../src/backend/kernel.js';
import { contractOf, KERNELS } from '../../src/backend/kernels.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { INDEPENDENT_CHECKS } from './independent.js';
import { runCalls, runKernel, upload } from './run.js';

/**
 * Central differences in float64 along random directions, extrapolated once (Richardson), against the backward
 * kernels. The functions here are smooth, so that the truncation error O(STEP⁴) is far below the bound.
 */
const STEP = 1e-3;
const BOUND = 1e-6;

const backend = new CpuBackend('f64');
afterAll(() => backend.destroy());

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

const direction = (length: number, step: number) => {
  const random = new CounterRandom(99, STREAM.test, step);
  return Float64Array.from({ length }, (_, i) => random.normal(i));
};

/** d/dh f(x + h·v) at 0 by central differences with one Richardson step: error O(h⁴). */
async function derivative(
  f: (x: Float64Array) => Promise<number>,
  x: Float64Array,
  v: Float64Array,
): Promise<number> {
  const along = (h: number) => f(x.map((value, i) => value + h * v[i]));
  const central = async (h: number) => ((await along(h)) - (await along(-h))) / (2 * h);
  return (4 * (await central(STEP / 2)) - (await central(STEP))) / 3;
}

function expectClose(analytic: number, numeric: number, scale: number): void {
  expect(Number.isFinite(analytic)).toBe(true);
  expect(Math.abs(analytic - numeric) / Math.max(scale, 1e-3)).toBeLessThan(BOUND);
}

/** The parameter that says whether a binding is added to. */
const flagOf = ({ access, accumulate }: BindingSpec) =>
  access === 'update' ? (accumulate ?? 'accumulate') : null;

describe('every kernel of the table', () => {
  for (const name of Object.keys(KERNELS)) {
    const contract = contractOf(name);
    const { gradient } = contract;

    it(`${name} is declared under its own name, with cases`, () => {
      expect(contract.name).toBe(name);
      expect(contract.cases.length).toBeGreaterThan(1);
    });

    const flags = [...new Set(Object.values(contract.bindings).map(flagOf))].filter(
      (flag) => flag !== null && flag in contract.params,
    ) as string[];
    // Elsewhere the word means something of the kernel's own: an average, a table's row.
    it.each(gradient.kind === 'none' ? [] : flags)(
      `${name} adds to what is there where %s says so`,
      async (flag) => {
        const params = contract.cases[contract.cases.length - 1];
        const inputs = caseInputs(contract, params, 3);
        const none = Object.fromEntries(flags.map((other) => [other, 0]));
        const fresh = await runKernel(backend, contract, { ...params, ...none }, inputs);
        const added = await runKernel(backend, contract, { ...params, ...none, [flag]: 1 }, inputs);
        for (const [binding, spec] of Object.entries(contract.bindings)) {
          if (spec.access === 'read') continue;
          fresh[binding].forEach((value, i) => {
            // What the kernel does not touch stays.
            const touched = flagOf(spec) === flag && value !== inputs[binding][i];
            const expected = touched ? value + inputs[binding][i] : value;
            expect(Math.abs(added[binding][i] - expected)).toBeLessThan(1e-10 * (1 + Math.abs(expected)));
          });
        }
      },
    );

    if (gradient.kind === 'none' || name in INDEPENDENT_CHECKS) {
      it(`${name} has an independent check${gradient.kind === 'none' ? `, for ${gradient.why}` : ''}`, async () => {
        const check = INDEPENDENT_CHECKS[name];
        expect(check, `add a check for ${name} to test/backend/independent.ts`).toBeDefined();
        await check(backend);
      });
    }

    if (gradient.kind === 'part-of') {
      it(`${name} is the backward of ${gradient.forward}`, () => {
        const forward = contractOf(gradient.forward);
        if (forward.gradient.kind !== 'backward') throw new Error(`${gradient.forward} declares no backward`);
        const params = forward.cases[0];
        const names = [
          ...Object.keys(forward.bindings),
          ...forward.gradient.outputs.map((output) => `d_${output}`),
          ...forward.gradient.inputs.map((input) => `d_${input}`),
        ];
        const arrays = Object.fromEntries(
          names.map((array) => {
            const spec = forward.bindings[array.replace(/^d_/, '')];
            return [array, backend.allocate(spec.length(params), array, spec.dtype)];
          }),
        );
        const calls = forward.gradient.vjp(arrays, params).map((call) => call.kernel);
        expect(calls).toContain(name);
      });
    } else if (gradient.kind === 'own-gradient') {
      it.each(contract.cases.map((params) => [JSON.stringify(params), params] as const))(
        `${name} %s agrees with finite differences`,
        async (_, params) => {
          const inputs = caseInputs(contract, params, 5);
          const value = async (x: Float64Array) => {
            const results = await runKernel(backend, contract, params, { ...inputs, [gradient.input]: x });
            let sum = 0;
            for (const row of results[gradient.value]) sum += row;
            return sum;
          };
          const analytic = (await runKernel(backend, contract, params, inputs))[gradient.gradient];
          const x = inputs[gradient.input] as Float64Array;
          for (let trial = 0; trial < 3; trial++) {
            const v = direction(x.length, trial);
            const numeric = await derivative(value, x, v);
            expectClose(dot(analytic, v), numeric, Math.abs(numeric));
          }
        },
      );
    } else if (gradient.kind === 'backward') {
      it.each(contract.cases.map((params) => [JSON.stringify(params), params] as const))(
        `${name} %s: its backward agrees with finite differences`,
        async (_, params) => {
          const inputs = caseInputs(contract, params, 5);
          const cotangents = Object.fromEntries(
            gradient.outputs.map((output, k) => [
              output,
              direction(contract.bindings[output].length(params), 50 + k),
            ]),
          );
          const arrays = Object.fromEntries(
            Object.entries(inputs).map(([binding, data]) => [binding, upload(backend, binding, data)]),
          );
          for (const [output, data] of Object.entries(cotangents)) {
            arrays[`d_${output}`] = upload(backend, `d_${output}`, data);
          }
          for (const input of gradient.inputs) {
            arrays[`d_${input}`] = backend.allocate(inputs[input].length, `d_${input}`);
          }
          await runCalls(backend, gradient.vjp(arrays, params));

          for (const input of gradient.inputs) {
            const analytic = await backend.read(arrays[`d_${input}`]);
            const value = async (x: Float64Array) => {
              const results = await runKernel(backend, contract, params, { ...inputs, [input]: x });
              return gradient.outputs.reduce(
                (sum, output) => sum + dot(results[output], cotangents[output]),
                0,
              );
            };
            const x = inputs[input] as Float64Array;
            for (let trial = 0; trial < 3; trial++) {
              // A row of the identity catches an error in one element, a random direction one in any.
              const v =
                trial === 0
                  ? new Float64Array(x.length).fill(0).map((_, i) => (i === x.length - 1 ? 1 : 0))
                  : direction(x.length, trial);
              const scale = Math.sqrt(dot(analytic, analytic)) * Math.sqrt(dot(v, v));
              expectClose(dot(analytic, v), await derivative(value, x, v), scale / Math.sqrt(x.length));
            }
          }
        },
      );
    }
  }
});
