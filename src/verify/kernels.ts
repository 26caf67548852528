/** Compares a backend, kernel by kernel, with the reference in float64. */
import type { Backend } from '../backend/backend.js';
import { caseInputs } from '../backend/cases.js';
import { Drawer } from '../backend/drawer.js';
import { Holdings } from '../backend/holdings.js';
import { type KernelContract, kernelCall } from '../backend/kernel.js';
import { contractOf, KERNELS, type KernelName } from '../backend/kernels.js';
import { Trace } from '../backend/trace.js';
import { CpuBackend } from '../cpu/backend.js';
import { CounterRandom, STREAM } from '../random/random.js';

export interface VerifyRow {
  readonly kernel: string;
  /** Which of the backend's variants, where it has several. */
  readonly variant?: string;
  readonly shape: string;
  /** ‖got − reference‖ / ‖reference‖, the largest of what the kernel writes; ∞ when integers differ. */
  readonly error: number;
  readonly bound: number;
  readonly maxAbsolute: number;
  /** Time of the run on the backend, without compiling it. */
  readonly ms: number;
  readonly ok: boolean;
}

export interface VerifyOptions {
  readonly backend: Backend;
  readonly seed: number;
  /** Random shapes a kernel, besides those of its contract. */
  readonly randomShapes?: number;
  /** Only these kernels. */
  readonly kernels?: readonly KernelName[];
  onRow?(row: VerifyRow): void;
}

/** float32 arithmetic in whatever order, and the built-in functions at the accuracy that WGSL grants. */
export const KERNEL_BOUND = 1e-5;
/** The same where operands are rounded to float16, each by up to 2⁻¹¹ of itself. */
export const HALF_BOUND = 1e-3;
/** Largest absolute difference of normals. */
export const NORMAL_BOUND = 2e-6;

type Values = ArrayLike<number>;

export interface Difference {
  readonly relative: number;
  readonly maxAbsolute: number;
}

/** Distance of `got` from `reference`, both [n]; a reference of zeros counts absolutely. */
export function difference(got: Values, reference: Values): Difference {
  let squares = 0;
  let norm = 0;
  let maxAbsolute = 0;
  for (let i = 0; i < reference.length; i++) {
    const distance = Math.abs(got[i] - reference[i]);
    // What is not a number is as wrong as can be, and comparisons must not lose it.
    const error = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
    squares += error * error;
    norm += reference[i] * reference[i];
    maxAbsolute = Math.max(maxAbsolute, error);
  }
  return { relative: Math.sqrt(squares) / (norm > 0 ? Math.sqrt(norm) : 1), maxAbsolute };
}

/**
 * Runs one call on fresh arrays: what the written bindings hold afterwards, and the milliseconds it took.
 * @param variant of the backend's; its own choice if not given
 */
export async function runCase(
  backend: Backend,
  contract: KernelContract,
  params: Readonly<Record<string, number>>,
  inputs: Readonly<Record<string, Float64Array | Uint32Array>>,
  variant?: string,
): Promise<{ written: Record<string, Values>; ms: number }> {
  const held = new Holdings(backend);
  try {
    const arrays = Object.fromEntries(
      Object.entries(inputs).map(([name, data]) => {
        const array = held.allocate(data.length, name, contract.bindings[name].dtype);
        backend.write(array, data);
        return [name, array];
      }),
    );
    const trace = new Trace();
    trace.calls.push({ ...kernelCall(contract, arrays, params), ...(variant && { variant }) });
    const plan = await held.compile(trace, contract.name);
    const start = performance.now();
    await plan.run(1);
    await backend.finish();
    const ms = performance.now() - start;
    const written: Record<string, Values> = {};
    for (const [name, { access }] of Object.entries(contract.bindings))
      if (access !== 'read') written[name] = await backend.read(arrays[name]);
    return { written, ms };
  } finally {
    held.release();
  }
}

/** The same on the reference in float64. */
async function expectedOf(
  contract: KernelContract,
  params: Readonly<Record<string, number>>,
  inputs: Readonly<Record<string, Float64Array | Uint32Array>>,
): Promise<Record<string, Values>> {
  const reference = new CpuBackend('f64');
  try {
    return (await runCase(reference, contract, params, inputs)).written;
  } finally {
    reference.destroy();
  }
}

const shapeText = (params: Readonly<Record<string, number>>) =>
  Object.entries(params)
    .filter(([name]) => !name.startsWith('seed'))
    .map(([name, value]) => `${name} ${Number.isInteger(value) ? value : Number(value.toPrecision(3))}`)
    .join(', ');

/** One case on every variant that the backend has for it. */
async function verifyCase(
  backend: Backend,
  contract: KernelContract,
  params: Readonly<Record<string, number>>,
  seed: number,
): Promise<VerifyRow[]> {
  const inputs = caseInputs(contract, params, seed);
  // Both sides start from the same numbers.
  for (const data of Object.values(inputs)) {
    if (data instanceof Float64Array) data.set(Float32Array.from(data));
  }
  const expected = await expectedOf(contract, params, inputs);
  const variants = backend.variants?.(contract.name, params) ?? [];
  const rows: VerifyRow[] = [];
  for (const variant of variants.length > 0 ? variants : [undefined]) {
    const got = await runCase(backend, contract, params, inputs, variant);
    const bound = variant?.endsWith('_half') ? HALF_BOUND : KERNEL_BOUND;
    let error = 0;
    let maxAbsolute = 0;
    for (const [name, values] of Object.entries(expected)) {
      const found = difference(got.written[name], values);
      const exact = contract.bindings[name].dtype === 'u32';
      const relative = exact && found.maxAbsolute !== 0 ? Number.POSITIVE_INFINITY : found.relative;
      error = Math.max(error, relative);
      maxAbsolute = Math.max(maxAbsolute, found.maxAbsolute);
    }
    rows.push({
      kernel: contract.name,
      ...(variant && { variant }),
      shape: shapeText(params),
      error,
      bound,
      maxAbsolute,
      ms: got.ms,
      ok: error <= bound,
    });
  }
  return rows;
}

/**
 * Random integers: the data rows and the cells of a large batch, the upper 16 and 20 bits of their words; every
 * one must be equal.
 */
async function verifyBits(backend: Backend, seed: number): Promise<VerifyRow> {
  const contract = contractOf('batch_draw');
  const [batch, rows] = [4096, 65_536];
  const params = {
    ...contract.cases[0],
    ...{ seedLow: seed % 2 ** 32, seedHigh: 0xabcdef, batch, rows, classes: rows, cells: 2 ** 20 },
    ...{ timeSampling: 0, antithetic: 0, labelDropout: 0, weightStride: batch },
  };
  const inputs = {
    ...caseInputs(contract, params, seed),
    clock: Uint32Array.of(0xfffffffe, 0, 0, 0),
    label: Uint32Array.from({ length: rows }, (_, i) => i),
  };
  const expected = await expectedOf(contract, params, inputs);
  const { written, ms } = await runCase(backend, contract, params, inputs);
  const maxAbsolute = difference(written.draw, expected.draw).maxAbsolute;
  const shape = `${2 * batch} integers`;
  return {
    kernel: 'philox bits',
    shape,
    error: maxAbsolute,
    bound: 0,
    maxAbsolute,
    ms,
    ok: maxAbsolute === 0,
  };
}

/** Random normals, with addresses that pass 2³². */
async function verifyNormals(backend: Backend, seed: number): Promise<VerifyRow> {
  const contract = contractOf('random_normal');
  const n = 30_000;
  const params = { seedLow: seed % 2 ** 32, seedHigh: 77, stream: STREAM.test, n, dim: 7, scale: 1 };
  const inputs = { clock: Uint32Array.of(0xfffffff0, 0, 613_566_756, 0), out: new Float64Array(n) };
  const expected = await expectedOf(contract, params, inputs);
  const { written, ms } = await runCase(backend, contract, params, inputs);
  const { maxAbsolute } = difference(written.out, expected.out);
  return {
    kernel: 'normals, absolute',
    shape: `${n} normals`,
    error: maxAbsolute,
    bound: NORMAL_BOUND,
    maxAbsolute,
    ms,
    ok: maxAbsolute <= NORMAL_BOUND,
  };
}

/**
 * Pairs of normals of seed 1, stream `test`, step 0, whose radius comes from a word below 300 or within 300 of 2³²: the
 * outermost and innermost of 120 million pairs. A float32 that rounds the uniform loses these first.
 */
const EXTREME_ELEMENTS = [222_802_768, 157_202_656, 14_252_126, 228_977_920, 31_342_496, 3_433_062];
/** Largest error of the radius of such a pair, relative. */
const EXTREME_BOUND = 2e-6;

/** Both ends of the normals' radius. */
async function verifyExtremes(backend: Backend): Promise<VerifyRow> {
  const contract = contractOf('random_normal');
  const params = { seedLow: 1, seedHigh: 0, stream: STREAM.test, n: 2, dim: 2, scale: 1 };
  let [error, maxAbsolute, time] = [0, 0, 0];
  for (const element of EXTREME_ELEMENTS) {
    const inputs = { clock: Uint32Array.of(0, 0, element / 2, 0), out: new Float64Array(2) };
    const expected = (await expectedOf(contract, params, inputs)).out;
    const { written, ms } = await runCase(backend, contract, params, inputs);
    const [radius, exact] = [written.out, expected].map((pair) => Math.hypot(pair[0], pair[1]));
    error = Math.max(error, Math.abs(radius / exact - 1));
    maxAbsolute = Math.max(maxAbsolute, difference(written.out, expected).maxAbsolute);
    time += ms;
  }
  return {
    kernel: 'normals, both ends',
    shape: `${EXTREME_ELEMENTS.length} radii, relative`,
    error,
    bound: EXTREME_BOUND,
    maxAbsolute,
    ms: time,
    ok: error <= EXTREME_BOUND,
  };
}

/**
 * Every kernel of the table on the shapes of its contract and on random ones, against the reference in float64
 * on inputs rounded to float32.
 */
export async function verifyKernels(options: VerifyOptions): Promise<VerifyRow[]> {
  const { backend, seed, randomShapes = 3 } = options;
  const rows: VerifyRow[] = [];
  const add = (row: VerifyRow): void => {
    rows.push(row);
    options.onRow?.(row);
  };
  const names = options.kernels ?? (Object.keys(KERNELS) as KernelName[]);
  for (const [k, name] of names.entries()) {
    const contract = contractOf(name);
    const random = Array.from({ length: randomShapes }, (_, i) =>
      contract.shape(new Drawer(new CounterRandom(seed, STREAM.test, 1000 * k + i))),
    );
    for (const [i, params] of [...contract.cases, ...random].entries()) {
      for (const row of await verifyCase(backend, contract, params, seed + i)) add(row);
    }
  }
  if (options.kernels === undefined) {
    add(await verifyBits(backend, seed));
    add(await verifyNormals(backend, seed));
    add(await verifyExtremes(backend));
  }
  return rows;
}
