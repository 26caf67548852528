import { CounterRandom, STREAM } from '../random/random.js';
import type { KernelContract } from './kernel.js';

/**
 * The content of every binding of one cross-check case, drawn from a seed: what the contract prescribes, and
 * standard normals elsewhere. What a kernel writes starts as normals too, so that an element it must not touch
 * is checked as well.
 */
export function caseInputs(
  contract: KernelContract,
  params: Readonly<Record<string, number>>,
  seed: number,
): Record<string, Float64Array | Uint32Array> {
  const special = contract.inputs?.(params, new CounterRandom(seed, STREAM.test, 999)) ?? {};
  const inputs: Record<string, Float64Array | Uint32Array> = {};
  Object.entries(contract.bindings).forEach(([name, binding], index) => {
    const given = special[name];
    if (given !== undefined) {
      inputs[name] = binding.dtype === 'u32' ? Uint32Array.from(given) : Float64Array.from(given);
    } else if (binding.dtype === 'u32') {
      inputs[name] = new Uint32Array(binding.length(params));
    } else {
      const random = new CounterRandom(seed, STREAM.test, index);
      // Rounded to float32, so that both sides of a comparison start from the same numbers.
      inputs[name] = Float64Array.from({ length: binding.length(params) }, (_, i) =>
        Math.fround(random.normal(i)),
      );
    }
  });
  return inputs;
}
