/**
 * Kernels that have several shaders, and which of them a call takes. All of a kernel's variants are under its one
 * contract; the cross-check walks them all.
 */
import { KERNELS, type KernelName } from '../backend/kernels.js';

/** The variants of the kernels that have several; each is a shader of its own, `KERNEL.VARIANT.wgsl`. */
export const VARIANTS = {
  linear_forward: ['direct', 'quads', 'staged', 'staged_vec4', 'staged_half'],
  linear_backward_input: ['direct', 'quads', 'staged', 'staged_vec4'],
  linear_backward_weight: ['direct', 'quads', 'staged', 'staged_vec4'],
  linear_swiglu: ['direct', 'quads'],
  reduce_sum: ['direct', 'staged'],
} as const;

type Varied = keyof typeof VARIANTS;
export type Variant = (typeof VARIANTS)[Varied][number];

/** A shader's name: its kernel's, with the variant's behind it where there are several. */
export type ShaderName =
  | Exclude<KernelName, Varied>
  | { [K in Varied]: `${K}.${(typeof VARIANTS)[K][number]}` }[Varied];

/** What an adapter is, as far as the choice between variants goes, and what may be chosen. */
export interface AdapterTraits {
  /** Whether it is a processor that plays a graphics card. */
  readonly software: boolean;
  /** Whether its subgroups hold quads: the feature, and at least four invocations each. */
  readonly quads: boolean;
  /** Whether tiles of activations and weights are kept as float16, which costs digits: only where asked for. */
  readonly half?: boolean;
}

type Numbers = Readonly<Record<string, number>>;

/** The kernel whose shader it is. */
export const kernelOf = (shader: string): string => shader.replace(/\..*$/, '');

const variantsOf = (kernel: string): readonly Variant[] =>
  (VARIANTS as Readonly<Record<string, readonly Variant[]>>)[kernel] ?? [];

export const shaderOf = (kernel: string, variant: string | null): ShaderName =>
  (variant === null ? kernel : `${kernel}.${variant}`) as ShaderName;

/** Of every shader: a kernel's, or one for each of its variants. */
export const SHADER_NAMES: readonly ShaderName[] = (Object.keys(KERNELS) as KernelName[]).flatMap(
  (kernel) => {
    const variants = variantsOf(kernel);
    return variants.length > 0
      ? variants.map((variant) => shaderOf(kernel, variant))
      : [shaderOf(kernel, null)];
  },
);

const READS_FOURS: ReadonlySet<Variant> = new Set(['staged_half', 'staged_vec4', 'quads']);

/** The variants that can take a call; none for a kernel that has but one shader. */
export function possibleVariants(
  kernel: string,
  { inputs, outputs }: Numbers,
  { quads }: Pick<AdapterTraits, 'quads'>,
): Variant[] {
  const fours = inputs % 4 === 0 && outputs % 4 === 0;
  return variantsOf(kernel).filter(
    (variant) => (fours || !READS_FOURS.has(variant)) && (quads || variant !== 'quads'),
  );
}

/** Half of what a quad's tile is wide, and as high: with fewer, most of what it adds up would lie past the edge. */
const QUAD_TILE = 16;

/** Outputs from which tiles of 64 × 64 keep a card's cores busy: 64 of them; below, smaller tiles are more. */
const LARGE = 2 ** 18;

/**
 * The fixed choice, the same for the same call on the same kind of adapter, so that a seed gives the same bits.
 * Software adapters were measured (`npm run bench:gpu -- --kernels`); for cards it follows from what limits the
 * kernels there.
 */
export function fixedVariant(kernel: string, params: Numbers, adapter: AdapterTraits): Variant | null {
  const possible = possibleVariants(kernel, params, adapter);
  if (possible.length === 0) return null;
  if (adapter.half && possible.includes('staged_half')) return 'staged_half';
  if (kernel === 'reduce_sum') return adapter.software ? 'direct' : 'staged';
  const [rows, columns] = outputsOf(kernel, params);
  if (adapter.software) {
    return possible.includes('quads') && columns >= QUAD_TILE && rows >= QUAD_TILE ? 'quads' : 'direct';
  }
  if (!possible.includes('staged')) return 'direct';
  return rows * columns >= LARGE && possible.includes('staged_vec4') ? 'staged_vec4' : 'staged';
}

/** Rows and columns of what a product makes. */
function outputsOf(kernel: string, { batch, inputs, outputs }: Numbers): readonly [number, number] {
  switch (kernel) {
    case 'linear_backward_weight':
      return [outputs, inputs];
    case 'linear_backward_input':
      return [batch, inputs];
    default:
      return [batch, outputs];
  }
}

/**
 * The variants that a measurement may choose from. That a quad's invocations are neighbours in their workgroup holds on
 * every adapter that is known, but no standard says so: cards take it only where the cross-check has seen it, by name.
 * What gives other bits is never chosen for its speed.
 */
export function tunableVariants(kernel: string, params: Numbers, adapter: AdapterTraits): Variant[] {
  const possible = possibleVariants(kernel, params, adapter);
  if (adapter.half && possible.includes('staged_half')) return ['staged_half'];
  const exact = possible.filter((variant) => variant !== 'staged_half');
  return adapter.software ? exact : exact.filter((variant) => variant !== 'quads');
}
