/**
 * Kernels that have several shaders, and which of them a call takes. All of a kernel's variants are under its one
 * contract; the cross-check walks them all.
 */
import type { KernelName } from '../backend/kernels.js';

/** The variants of the kernels that have several; each is a shader of its own, `KERNEL.VARIANT.wgsl`. */
export const VARIANTS = {
  linear_forward: ['direct', 'staged', 'staged_vec4'],
  linear_backward_input: ['direct', 'staged', 'staged_vec4'],
  linear_backward_weight: ['direct', 'staged', 'staged_vec4'],
  reduce_sum: ['direct', 'staged'],
} as const;

type Varied = keyof typeof VARIANTS;
export type Variant = (typeof VARIANTS)[Varied][number];

/** A shader's name: its kernel's, with the variant's behind it where there are several. */
export type ShaderName =
  | Exclude<KernelName, Varied>
  | { [K in Varied]: `${K}.${(typeof VARIANTS)[K][number]}` }[Varied];

/** What kind of adapter the work is for. */
export type AdapterClass = 'software' | 'card';

type Numbers = Readonly<Record<string, number>>;

/** The kernel whose shader it is. */
export const kernelOf = (shader: string): string => shader.replace(/\..*$/, '');

const variantsOf = (kernel: string): readonly Variant[] =>
  (VARIANTS as Readonly<Record<string, readonly Variant[]>>)[kernel] ?? [];

export const shaderOf = (kernel: string, variant: string | null): ShaderName =>
  (variant === null ? kernel : `${kernel}.${variant}`) as ShaderName;

/** The variants that can take a call; none for a kernel that has but one shader. */
export function possibleVariants(kernel: string, { inputs, outputs }: Numbers): Variant[] {
  return variantsOf(kernel).filter(
    (variant) => variant !== 'staged_vec4' || (inputs % 4 === 0 && outputs % 4 === 0),
  );
}

/** Outputs from which tiles of 64 × 64 keep a card's cores busy: 64 of them; below, smaller tiles are more. */
const LARGE = 2 ** 18;

/**
 * The fixed choice, the same for the same call on the same kind of adapter, so that a seed gives the same bits.
 * Software adapters were measured (`npm run bench:gpu -- --kernels`); for cards it follows from what limits the
 * kernels there.
 */
export function fixedVariant(kernel: string, params: Numbers, adapter: AdapterClass): Variant | null {
  const possible = possibleVariants(kernel, params);
  if (possible.length === 0) return null;
  if (adapter === 'software') return 'direct';
  if (kernel === 'reduce_sum') return 'staged';
  const { batch, inputs, outputs } = params;
  const made = { linear_backward_weight: inputs * outputs, linear_backward_input: batch * inputs }[
    kernel as string
  ];
  const large = (made ?? batch * outputs) >= LARGE;
  return large && possible.includes('staged_vec4') ? 'staged_vec4' : 'staged';
}
