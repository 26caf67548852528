/** Counts what the expressions of a shader do, and knows their types. */
import { type Node, type Type, typeOf, vectorType, within } from './wgsl_tree.js';
import { NONE, plus } from './wgsl_work.js';

export interface Variable {
  readonly type: Type;
  /** `storage`, `workgroup`, `uniform`; null for what lies in registers. */
  readonly space: string | null;
}

export const BOOL = vectorType('bool', 1);
const COMPARISONS = new Set(['<', '<=', '>', '>=', '==', '!=', '&&', '||']);
/** Functions of a vector that give one number. */
const REDUCING = new Set(['length', 'distance', 'determinant', 'all', 'any']);

/** `a * b`, and a vector or matrix whose every part is one: added to something, each is a multiply-add. */
const isProduct = ({ astNodeType: kind, operator, postfix, args }: Node): boolean =>
  !postfix &&
  (kind === 'createExpr'
    ? args !== null && args.length > 0 && args.every(isProduct)
    : kind === 'binaryOp' && operator === '*');

export abstract class ExpressionCounter {
  protected readonly functions = new Map<string, Node>();
  protected readonly structs = new Map<string, Type>();
  protected readonly usedShared = new Set<string>();
  protected variables: ReadonlyMap<string, Variable> = new Map();
  protected work = NONE;

  /** A function as if it were written where it is called. */
  protected abstract inline(called: Node, args: readonly Node[]): void;

  protected assign({ operator, variable, value }: Node): void {
    const target = this.reference(variable, operator !== '=');
    const right = value as Node;
    const product = operator === '+=' || operator === '-=' ? this.product(right) : null;
    if (product === null) this.expression(right);
    else if (product.scalar === 'f32') this.multiplyAdd(target.words);
  }

  protected multiplyAdd(count: number): void {
    this.work = plus(this.work, { ...NONE, multiplyAdds: count });
  }

  /** Counts the factors of a product, and gives its type; null, and nothing counted, for anything else. */
  protected product(node: Node): Type | null {
    if (!isProduct(node)) return null;
    if (node.astNodeType === 'createExpr') {
      for (const argument of node.args ?? []) this.product(argument);
      return typeOf(node.type, this.structs);
    }
    return this.multiplied(node);
  }

  private multiplied({ left, right }: Node): Type {
    const [a, b] = [this.expression(left), this.expression(right)];
    const [wide, other] = a.words >= b.words ? [a, b] : [b, a];
    if (!wide.element?.vector || !other.vector) return wide;
    // A matrix and a vector: as many sums as the matrix has numbers.
    this.multiplyAdd(wide.words);
    return vectorType(wide.scalar, wide.words / other.words);
  }

  /** A variable, with what is behind it. @param loads whether its value is asked for */
  protected reference(node: Node, loads: boolean): Type {
    if (node.astNodeType === 'unaryOp') return this.reference(node.right, loads);
    const variable = this.variables.get(node.name);
    const type = this.behind(variable?.type ?? BOOL, node);
    const { space } = variable ?? {};
    if (space === 'workgroup') this.usedShared.add(node.name);
    if (loads && space === 'storage')
      this.work = plus(this.work, { ...NONE, loads: 1, bytes: 4 * type.words });
    if (loads && space === 'workgroup') this.work = plus(this.work, { ...NONE, sharedLoads: 1 });
    return type;
  }

  protected behind(type: Type, node: Node): Type {
    let found = type;
    for (let at = node.postfix; at; at = at.postfix) {
      if (at.index) this.expression(at.index);
      found = within(found, at);
    }
    return found;
  }

  protected expression(node: Node): Type {
    switch (node.astNodeType) {
      case 'literalExpr':
        return typeOf(node.type, this.structs);
      case 'varExpr':
      case 'constExpr':
        return this.reference(node, true);
      case 'unaryOp':
        return node.operator === '&' ? this.reference(node.right, false) : this.expression(node.right);
      case 'binaryOp':
        return this.behind(this.binary(node), node);
      case 'createExpr': {
        for (const argument of node.args ?? []) this.expression(argument);
        return this.behind(typeOf(node.type, this.structs), node);
      }
      case 'callExpr':
        return this.behind(this.call(node.name, node.args ?? []), node);
      case 'bitcastExpr':
        this.expression(node.value as Node);
        return typeOf(node.type, this.structs);
      default:
        return BOOL;
    }
  }

  protected binary(node: Node): Type {
    const { operator, left, right } = node;
    if (operator === '+' || operator === '-') {
      const [first, second] = [this.product(left), this.product(right)];
      const [a, b] = [first ?? this.expression(left), second ?? this.expression(right)];
      const type = a.words >= b.words ? a : b;
      if ((first ?? second) !== null && (first ?? second)?.scalar === 'f32') this.multiplyAdd(type.words);
      return type;
    }
    if (operator === '*') return this.multiplied(node);
    const [a, b] = [this.expression(left), this.expression(right)];
    if (COMPARISONS.has(operator)) return vectorType('bool', Math.max(a.words, b.words));
    return a.words >= b.words ? a : b;
  }

  protected call(name: string, args: readonly Node[]): Type {
    const types = args.map((argument) => this.expression(argument));
    const own = this.functions.get(name);
    if (own) {
      this.inline(own, args);
      return typeOf(own.returnType, this.structs);
    }
    if (name === 'dot') {
      if (types[0].scalar === 'f32') this.multiplyAdd(types[0].words);
      return vectorType(types[0].scalar, 1);
    }
    if (name === 'fma') this.multiplyAdd(types[0].words);
    if (/^(atomic|workgroupUniformLoad)/.test(name) && args[0]?.astNodeType === 'unaryOp')
      return this.reference(args[0].right, true);
    if (REDUCING.has(name)) return vectorType('f32', 1);
    if (/^(f32|u32|i32|bool)$/.test(name)) return vectorType(name, 1);
    const created = /^(vec|mat|array)/.test(name) ? typeOf({ name } as Node, this.structs) : null;
    return created ?? types.reduce((a, b) => (b.words > a.words ? b : a), BOOL);
  }
}
