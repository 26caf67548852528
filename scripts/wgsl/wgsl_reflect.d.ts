// The package's main entry fails in Node and its ESM file comes without types: the part that is used here.
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  interface TypeInfo {
    readonly name: string;
    readonly format?: TypeInfo | null;
  }
  interface VariableInfo {
    readonly name: string;
    readonly group: number;
    readonly binding: number;
    readonly access: string;
    readonly type: TypeInfo;
    readonly size: number;
    readonly members:
      | readonly { readonly name: string; readonly type: TypeInfo; readonly offset: number }[]
      | null;
  }
  export class WgslReflect {
    constructor(source: string);
    readonly uniforms: readonly VariableInfo[];
    readonly storage: readonly VariableInfo[];
    readonly textures: readonly VariableInfo[];
    readonly samplers: readonly VariableInfo[];
    readonly overrides: readonly { readonly name: string; readonly type: TypeInfo | null }[];
    readonly entry: { readonly compute: readonly { readonly name: string }[] };
  }
  export class WgslParser {
    parse(source: string): readonly unknown[];
  }
  export function detectRaces(
    source: string,
    entry: string,
    dispatch: readonly number[],
    bindGroups: Record<number, Record<number, unknown>>,
    config?: Record<string, unknown>,
  ): { readonly races: readonly { readonly message: string }[]; readonly errors: readonly string[] };
}
