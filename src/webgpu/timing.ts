/** How long a call takes. */
import type { Backend } from '../backend/backend.js';
import { Holdings } from '../backend/holdings.js';
import type { KernelCall } from '../backend/kernel.js';
import { contractOf } from '../backend/kernels.js';
import { Trace } from '../backend/trace.js';

/** A measurement takes about this long: enough to hide what a submission costs. */
const TARGET_MS = 20;
const MOST_RUNS = 64;

/**
 * Milliseconds of a call with one of its variants, on memory of its own that holds zeros: of work that has finished,
 * not of a submission. The pipeline is compiled and has run before.
 */
export async function timeCall(backend: Backend, call: KernelCall, variant: string): Promise<number> {
  const held = new Holdings(backend);
  try {
    const { bindings } = contractOf(call.kernel);
    const arrays = Object.fromEntries(
      Object.entries(bindings).map(([name, { dtype, length }]) => [
        name,
        held.allocate(Math.max(1, length(call.params)), name, dtype),
      ]),
    );
    const trace = new Trace();
    trace.calls.push({ ...call, arrays, variant });
    const plan = await held.compile(trace, `${call.kernel}, ${variant}`);
    const run = async (times: number) => {
      const start = performance.now();
      await plan.run(times);
      await backend.finish();
      return (performance.now() - start) / times;
    };
    await run(1);
    const once = await run(1);
    const times = Math.min(MOST_RUNS, Math.floor(TARGET_MS / once));
    return times > 1 ? await run(times) : once;
  } finally {
    held.release();
  }
}
