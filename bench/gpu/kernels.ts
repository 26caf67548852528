/** Every kernel of the table by itself: how long a call takes on this device. */
import type { Row } from '../../demo/src/peers/race.js';
import { caseInputs } from '../../src/backend/cases.js';
import { Holdings } from '../../src/backend/holdings.js';
import { kernelCall } from '../../src/backend/kernel.js';
import { contractOf, KERNELS, type KernelName } from '../../src/backend/kernels.js';
import { Trace } from '../../src/backend/trace.js';
import { WebGpuBackend } from '../../src/webgpu/backend.js';
import { bytesOf, flopsOf, type Shape, shapesOf, shapeText } from './shapes.js';

export interface KernelRow extends Row {
  readonly kernel: KernelName;
  readonly variant: string;
  readonly shape: Shape;
}

export interface KernelOptions {
  /** Only kernels whose name holds this. */
  readonly only?: string;
  /** Repetitions; the median counts. */
  readonly rounds: number;
  say(line: string): void;
}

/** About how long a repetition takes. */
const REPETITION_MS = 60;
const MOST_CALLS = 2000;

/** What the others of a kernel's variants are compared with: the way that every card can take, at any size. */
const COMPARED_WITH = 'staged';

interface Prepared {
  readonly variant: string;
  /** Milliseconds of a call, of so many in a row, until something that it wrote has been read. */
  run(calls: number): Promise<number>;
  release(): void;
}

async function prepare(
  backend: WebGpuBackend,
  kernel: KernelName,
  variant: string,
  shape: Shape,
): Promise<Prepared> {
  const contract = contractOf(kernel);
  const held = new Holdings(backend);
  const inputs = Object.entries(caseInputs(contract, shape, 1));
  const arrays = Object.fromEntries(
    inputs.map(([name, data]) => {
      const array = held.allocate(data.length, name, contract.bindings[name].dtype);
      backend.write(array, data);
      return [name, array];
    }),
  );
  const trace = new Trace();
  trace.calls.push({ ...kernelCall(contract, arrays, shape), ...(variant && { variant }) });
  const plan = await held.compile(trace, kernel);
  const written = Object.keys(contract.bindings).find((name) => contract.bindings[name].access !== 'read');
  const first = arrays[written as string].slice(0, 1);
  return {
    variant,
    run: async (calls) => {
      const start = performance.now();
      await plan.run(calls);
      await backend.read(first);
      return (performance.now() - start) / calls;
    },
    release: () => held.release(),
  };
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Variants take turns. */
async function measure(
  device: string,
  kernel: KernelName,
  shape: Shape,
  ways: readonly Prepared[],
  rounds: number,
) {
  const calls: number[] = [];
  for (const way of ways) {
    await way.run(1);
    // A plan finds by itself how many calls it submits at once: it has until here.
    const ms = await way.run(8);
    calls.push(Math.max(1, Math.min(MOST_CALLS, Math.round(REPETITION_MS / ms))));
    await way.run(calls[calls.length - 1]);
  }
  const times: number[][] = ways.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const [k, way] of ways.entries()) times[k].push(await way.run(calls[k]));
  const compared = Math.max(
    0,
    ways.findIndex(({ variant }) => variant === COMPARED_WITH),
  );
  const other = median(times[compared]);
  return ways.map(({ variant }, k): KernelRow => {
    const ms = median(times[k]);
    return {
      work: `${kernel} ${shapeText(shape)}`,
      system: variant === '' ? kernel : `${kernel}.${variant}`,
      version: device,
      median_ms: ms,
      gflops: flopsOf(kernel, shape) / ms / 1e6,
      gbytes: bytesOf(kernel, shape) / ms / 1e6,
      ratio: ms / other,
      ...{ kernel, variant, shape },
    };
  });
}

export async function measureKernels({ only, rounds, say }: KernelOptions): Promise<KernelRow[]> {
  const names = (Object.keys(KERNELS) as KernelName[]).filter(
    (name) => only === undefined || name.includes(only),
  );
  const backend = await WebGpuBackend.create();
  const rows: KernelRow[] = [];
  try {
    for (const kernel of names) {
      say(kernel);
      for (const shape of shapesOf(kernel)) {
        const variants = backend.variants(kernel, shape);
        const ways: Prepared[] = [];
        for (const variant of variants.length > 0 ? variants : [''])
          ways.push(await prepare(backend, kernel, variant, shape));
        rows.push(...(await measure(backend.device, kernel, shape, ways, rounds)));
        for (const way of ways) way.release();
      }
    }
  } finally {
    backend.destroy();
  }
  return rows;
}
