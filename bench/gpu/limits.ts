/**
 * What a kernel asks of a card, read off its WGSL: memory that an invocation and a workgroup take, and what the
 * innermost loop loads for each multiply-add.
 *
 * It is an estimate from the text. Registers are the numbers that are declared where most are in scope at once: a
 * compiler may share some, spill others and add its own. Loads are counted as an invocation writes them down: how many
 * of them a cache answers, or one address serves for all invocations, is not in the text. A loop whose end is known
 * from constants counts as often as it runs, both ways of a branch as the dearer one, functions as if written in place.
 */
import type { Shader } from '../../src/webgpu/shader.js';
import { Counter } from './wgsl_counter.js';
import type { Work } from './wgsl_work.js';

export interface Limits {
  readonly entry: string;
  /** Invocations of a workgroup. */
  readonly workgroup: number;
  /** Words of four bytes that an invocation holds in variables. */
  readonly registers: number;
  /** Bytes of workgroup memory. */
  readonly sharedBytes: number;
  /** Of one turn of the innermost loop, or of the whole where there is none. */
  readonly loop: Work;
  /** Loads from storage, whatever their width, for each multiply-add; null where nothing multiplies and adds. */
  readonly loadsPerMultiplyAdd: number | null;
  /** The same of workgroup memory. */
  readonly sharedLoadsPerMultiplyAdd: number | null;
  /** Bytes loaded from storage for each floating-point operation, a multiply-add being two. */
  readonly bytesPerFlop: number | null;
}

/**
 * Every entry point, the one with the most multiply-adds first.
 * @param constants override constants that are not at their defaults
 */
export function limitsOf(
  shader: Pick<Shader, 'source' | 'entries' | 'overrides'>,
  constants: Readonly<Record<string, number>> = {},
): Limits[] {
  const all = shader.entries.map((entry): Limits => {
    const counter = new Counter(shader.source, { ...shader.overrides, ...constants });
    const { workgroup, registers, sharedBytes, loop } = counter.entry(entry);
    const each = (count: number) => (loop.multiplyAdds > 0 ? count / loop.multiplyAdds : null);
    return {
      ...{ entry, workgroup, registers, sharedBytes, loop },
      loadsPerMultiplyAdd: each(loop.loads),
      sharedLoadsPerMultiplyAdd: each(loop.sharedLoads),
      bytesPerFlop: each(loop.bytes / 2),
    };
  });
  return all.sort((a, b) => b.loop.multiplyAdds - a.loop.multiplyAdds);
}

const few = (value: number) => String(Number(value.toPrecision(2)));

/** One line for a table. */
export function limitsText({ registers, sharedBytes, ...limits }: Limits): string {
  const { loadsPerMultiplyAdd, sharedLoadsPerMultiplyAdd, bytesPerFlop } = limits;
  const parts = [`${registers} registers`];
  if (sharedBytes > 0) parts.push(`${sharedBytes} B shared`);
  if (loadsPerMultiplyAdd !== null && bytesPerFlop !== null) {
    parts.push(`${few(loadsPerMultiplyAdd)} loads/madd`);
    if (sharedLoadsPerMultiplyAdd) parts.push(`${few(sharedLoadsPerMultiplyAdd)} shared loads/madd`);
    parts.push(`${few(bytesPerFlop)} B/FLOP`);
  }
  return parts.join(', ');
}
