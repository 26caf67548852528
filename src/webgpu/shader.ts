/** What the build knows about a shader: its linked source and what reflection found in it. */
import type { KernelContract } from '../backend/kernel.js';

export interface ShaderBinding {
  readonly name: string;
  readonly binding: number;
  readonly type: 'uniform' | 'read-only-storage' | 'storage';
}

/** A field of the uniform struct; all are scalars of four bytes. */
export interface ShaderField {
  readonly name: string;
  readonly type: 'u32' | 'f32';
  /** In bytes. */
  readonly offset: number;
}

export interface Shader {
  readonly name: string;
  /** The source with everything that it includes; '' where it is fetched when it is needed. */
  readonly source: string;
  /** Fetches it. */
  readonly fetched?: () => Promise<string>;
  /** Which file the lines from `start` (counted from 1) on came from. */
  readonly lines: readonly { readonly start: number; readonly file: string }[];
  /** Everything in bind group 0, in order. */
  readonly bindings: readonly ShaderBinding[];
  readonly uniform: { readonly size: number; readonly fields: readonly ShaderField[] };
  readonly entries: readonly string[];
  /** Pipeline-overridable constants and their defaults. */
  readonly overrides: Readonly<Record<string, number>>;
}

/** Where a line of the linked source was written: `common/random.wgsl:12`. */
export function originalLine(shader: Pick<Shader, 'lines'>, line: number): string {
  const span = shader.lines.findLast(({ start }) => start <= line) ?? shader.lines[0];
  return `${span.file}:${Math.max(1, line - span.start + 1)}`;
}

/** A shader as the build gives it: its bindings and uniform are its contract's, which the build has checked. */
export type KernelShader = Omit<Shader, 'bindings' | 'uniform'>;

/** The whole of it. @param extras uniform fields behind the contract's; @param scratch the binding behind its */
export function completeShader(
  shader: KernelShader,
  contract: Pick<KernelContract, 'bindings' | 'params'>,
  { extras = {}, scratch }: { extras?: Readonly<Record<string, 'u32' | 'f32'>>; scratch?: string },
): Shader {
  const fields = Object.entries({ ...contract.params, ...extras }).map(([name, type], i) => ({
    name,
    type,
    offset: 4 * i,
  }));
  const arrays = Object.entries(contract.bindings).map(([name, { access }]) => ({
    name,
    type: access === 'read' ? ('read-only-storage' as const) : ('storage' as const),
  }));
  const all = [
    { name: 'params', type: 'uniform' as const },
    ...arrays,
    ...(scratch ? [{ name: scratch, type: 'storage' as const }] : []),
  ];
  return {
    ...shader,
    bindings: all.map((binding, index) => ({ ...binding, binding: index })),
    uniform: { size: 4 * fields.length, fields },
  };
}
