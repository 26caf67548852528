/** What `wgsl_reflect`'s parser makes of a shader, as far as counting needs it: nodes, types and constants. */
import { WgslParser } from 'wgsl_reflect/wgsl_reflect.module.js';

/** Statements; a block by itself among them is a list of its own. */
export type Block = readonly (Node | readonly Node[])[];

/** A node of any kind; which fields it has depends on `astNodeType`. */
export interface Node {
  readonly astNodeType: string;
  readonly name: string;
  readonly operator: string;
  readonly storage?: string | null;
  readonly type: Node | null;
  readonly format?: Node | null;
  readonly count?: number;
  readonly members?: readonly Node[];
  readonly attributes?: readonly {
    readonly name: string;
    readonly value: string | readonly string[] | null;
  }[];
  readonly args: readonly Node[] | null;
  readonly returnType: Node | null;
  readonly left: Node;
  readonly right: Node;
  readonly index?: Node;
  readonly postfix?: Node | null;
  readonly variable: Node;
  /** An expression; of a member its name; of a literal its number. */
  readonly value: unknown;
  readonly init: Node | null;
  readonly condition: Node | null;
  readonly increment: Node | null;
  readonly body: Block;
  readonly elseif?: readonly Node[] | null;
  readonly else?: Block | null;
  readonly cases: readonly Node[];
  readonly continuing?: Node | null;
}

export const parse = (source: string): Node[] => new WgslParser().parse(source) as Node[];

export interface Type {
  /** Of its numbers: `f32`, `u32`, `i32`, `bool`; `mixed` in a struct. */
  readonly scalar: string;
  /** Words of four bytes. */
  readonly words: number;
  readonly vector?: boolean;
  /** What an index gives: a vector's number, a matrix's column, an array's element. */
  readonly element?: Type;
  readonly members?: ReadonlyMap<string, Type>;
}

const scalarType = (scalar: string): Type => ({ scalar, words: 1 });

export function vectorType(scalar: string, words: number): Type {
  return words === 1 ? scalarType(scalar) : { scalar, words, vector: true, element: scalarType(scalar) };
}

const LETTERS: Readonly<Record<string, string>> = { f: 'f32', u: 'u32', i: 'i32', b: 'bool', h: 'f16' };

/** @param structs types by name */
export function typeOf(node: Node | null | undefined, structs: ReadonlyMap<string, Type>): Type {
  if (!node) return { scalar: 'mixed', words: 0 };
  const { name, format } = node;
  const struct = structs.get(name);
  if (struct) return struct;
  if (name === 'array') {
    const element = typeOf(format, structs);
    return { scalar: element.scalar, words: element.words * (node.count ?? 0), element };
  }
  if (name === 'atomic' || name === 'ptr') return typeOf(format, structs);
  const matrix = /^mat(\d)x(\d)(f?)/.exec(name);
  if (matrix) {
    const [columns, rows] = [Number(matrix[1]), Number(matrix[2])];
    return { scalar: 'f32', words: columns * rows, element: vectorType('f32', rows) };
  }
  const vector = /^vec(\d)([fuibh]?)/.exec(name);
  if (vector) return vectorType(LETTERS[vector[2]] ?? format?.name ?? 'mixed', Number(vector[1]));
  // What a literal without a suffix is: an integer of whatever kind is asked for.
  return scalarType(name === 'x32' ? 'i32' : name);
}

export function structType(node: Node): Type {
  const members = new Map((node.members ?? []).map(({ name, type }) => [name, typeOf(type, new Map())]));
  const words = [...members.values()].reduce((sum, type) => sum + type.words, 0);
  return { scalar: 'mixed', words, members };
}

/** The type behind `.x`, `.xyz`, `.member` or `[index]`. */
export function within(type: Type, { index, value }: Node): Type {
  if (index) return type.element ?? { scalar: type.scalar, words: 1 };
  const name = String(value);
  return type.members?.get(name) ?? vectorType(type.scalar, name.length);
}

/** Numbers by name: constants, overrides, and `let`s that follow from them. */
export type Known = ReadonlyMap<string, number>;

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => Math.floor(a / b),
  '%': (a, b) => a % b,
  '<<': (a, b) => a * 2 ** b,
  '>>': (a, b) => Math.floor(a / 2 ** b),
};

/** The number that an expression is; null where it depends on what is not known. */
export function numberOf(node: Node | null | undefined, known: Known): number | null {
  if (!node || node.postfix) return null;
  switch (node.astNodeType) {
    case 'literalExpr': {
      const { data } = node.value as { readonly data: ArrayLike<number> };
      return Number(data[0]);
    }
    case 'varExpr':
    case 'constExpr':
      return known.get(node.name) ?? null;
    case 'binaryOp': {
      const [a, b] = [numberOf(node.left, known), numberOf(node.right, known)];
      const apply = OPERATORS[node.operator];
      return a === null || b === null || apply === undefined ? null : apply(a, b);
    }
    case 'callExpr': {
      const values = (node.args ?? []).map((argument) => numberOf(argument, known));
      const numbers = values.filter((value) => value !== null);
      // The rest of a loop may be shorter: what is known of a minimum is what it is nearly always.
      if (node.name === 'min' && numbers.length > 0) return Math.min(...numbers);
      if (node.name === 'max' && numbers.length === values.length) return Math.max(...numbers);
      if (node.name === 'u32' || node.name === 'i32') return numbers[0] ?? null;
      return null;
    }
    case 'createExpr':
      return node.args?.length === 1 ? numberOf(node.args[0], known) : null;
    default:
      return null;
  }
}

/** The number that a text such as `TILE_K * 2u` is. */
export function numberIn(text: string, known: Known): number | null {
  const [made] = parse(`fn f() { let value = ${text}; }`);
  return numberOf((made.body[0] as Node).value as Node, known);
}
