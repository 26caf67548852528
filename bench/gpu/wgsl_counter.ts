/** Walks through a shader from an entry point and counts; `limits.ts` says what the numbers mean. */
import {
  type Node,
  numberIn,
  numberOf,
  parse,
  structType,
  type Type,
  typeOf,
  vectorType,
  within,
} from './wgsl_tree.js';

export interface Work {
  /** Of float32 numbers, each of a vector's by itself. */
  readonly multiplyAdds: number;
  /** Loads from storage, a vector's as one, and their bytes. */
  readonly loads: number;
  readonly bytes: number;
  /** Loads from workgroup memory. */
  readonly sharedLoads: number;
}

const NONE: Work = { multiplyAdds: 0, loads: 0, bytes: 0, sharedLoads: 0 };

const plus = (a: Work, b: Work, times = 1): Work => ({
  multiplyAdds: a.multiplyAdds + times * b.multiplyAdds,
  loads: a.loads + times * b.loads,
  bytes: a.bytes + times * b.bytes,
  sharedLoads: a.sharedLoads + times * b.sharedLoads,
});

function dearer(a: Work, b: Work): Work {
  if (a.multiplyAdds !== b.multiplyAdds) return a.multiplyAdds > b.multiplyAdds ? a : b;
  return a.bytes + a.sharedLoads >= b.bytes + b.sharedLoads ? a : b;
}

interface Variable {
  readonly type: Type;
  /** `storage`, `workgroup`, `uniform`; null for what lies in registers. */
  readonly space: string | null;
}

const BOOL = vectorType('bool', 1);
const COMPARISONS = new Set(['<', '<=', '>', '>=', '==', '!=', '&&', '||']);
/** Functions of a vector that give one number. */
const REDUCING = new Set(['length', 'distance', 'determinant', 'all', 'any']);

export class Counter {
  private readonly functions = new Map<string, Node>();
  private readonly structs = new Map<string, Type>();
  private readonly sharedBytes = new Map<string, number>();
  private readonly usedShared = new Set<string>();
  private variables = new Map<string, Variable>();
  private known: Map<string, number>;
  private work = NONE;
  private live = 0;
  private most = 0;
  /** A turn of the loop that lies deepest of those whose length is not known, and is dearest of these. */
  private innermost: { readonly depth: number; readonly turn: Work } | null = null;
  private depth = 0;

  constructor(source: string, overrides: Readonly<Record<string, number>>) {
    this.known = new Map([['true', 1], ['false', 0], ...Object.entries(overrides)]);
    for (const node of parse(source)) {
      const { astNodeType: kind, name } = node;
      if (kind === 'function') this.functions.set(name, node);
      else if (kind === 'struct') this.structs.set(name, structType(node));
      else if (kind === 'var') this.global(node);
      else if ((kind === 'override' || kind === 'const') && !this.known.has(name)) {
        const value = numberOf(node.value as Node, this.known);
        if (value !== null) this.known.set(name, value);
        this.variables.set(name, { type: typeOf(node.type, this.structs), space: null });
      } else if (kind === 'override') {
        this.variables.set(name, { type: typeOf(node.type, this.structs), space: null });
      }
    }
    // The parser gives no length that depends on overrides.
    for (const [, name, element, length] of source.matchAll(
      /var<workgroup>\s*(\w+)\s*:\s*array<\s*([\w<>]+)\s*,\s*([^;]+?)\s*>\s*;/g,
    )) {
      const [made] = parse(`var<private> x: ${element};`);
      const count = numberIn(length, this.known) ?? Number.NaN;
      this.sharedBytes.set(name, 4 * count * typeOf(made.type, this.structs).words);
    }
  }

  private global(node: Node): void {
    const type = typeOf(node.type, this.structs);
    const space = node.storage === 'private' ? null : (node.storage ?? null);
    this.variables.set(node.name, { type, space });
    if (space === 'workgroup') this.sharedBytes.set(node.name, 4 * type.words);
    if (space === null) this.live += type.words;
  }

  entry(name: string): { workgroup: number; registers: number; sharedBytes: number; loop: Work } {
    const entry = this.functions.get(name);
    if (entry === undefined) throw new Error(`there is no entry point ${name}`);
    const sizes = entry.attributes?.find((attribute) => attribute.name === 'workgroup_size')?.value ?? ['1'];
    const workgroup = [sizes]
      .flat()
      .reduce((size, text) => size * (numberIn(text, this.known) ?? Number.NaN), 1);
    this.most = this.live;
    this.callBody(entry);
    const sharedBytes = [...this.usedShared].reduce(
      (sum, used) => sum + (this.sharedBytes.get(used) ?? 0),
      0,
    );
    return { workgroup, registers: this.most, sharedBytes, loop: this.innermost?.turn ?? this.work };
  }

  /** A function as if it were written where it is called. */
  private callBody({ args, body }: Node): void {
    this.scoped(() => {
      for (const argument of args ?? []) this.declare(argument.name, typeOf(argument.type, this.structs));
      this.block(body);
    });
  }

  private scoped(run: () => void): void {
    const { variables, known, live } = this;
    this.variables = new Map(variables);
    this.known = new Map(known);
    run();
    Object.assign(this, { variables, known, live });
  }

  private declare(name: string, type: Type): void {
    this.variables.set(name, { type, space: null });
    // A shadowed constant is none.
    this.known.delete(name);
    this.live += type.words;
    this.most = Math.max(this.most, this.live);
  }

  private block(nodes: readonly Node[]): void {
    this.scoped(() => {
      for (const node of nodes) this.statement(node);
    });
  }

  /** The work of a part, which is not added to the whole. */
  private apart(run: () => void): Work {
    const before = this.work;
    this.work = NONE;
    run();
    const done = this.work;
    this.work = before;
    return done;
  }

  private statement(node: Node): void {
    switch (node.astNodeType) {
      case 'var':
      case 'let':
      case 'const': {
        const value = node.value as Node | null;
        const number = node.astNodeType === 'var' ? null : numberOf(value, this.known);
        const found = value ? this.expression(value) : null;
        this.declare(node.name, node.type ? typeOf(node.type, this.structs) : (found ?? BOOL));
        if (number !== null) this.known.set(node.name, number);
        return;
      }
      case 'assign':
        this.assign(node);
        return;
      case 'increment':
        this.reference(node.variable, false);
        return;
      case 'call':
        this.call(node.name, node.args ?? []);
        return;
      case 'return':
      case 'break':
        if (node.value) this.expression(node.value as Node);
        return;
      case 'if':
        this.branch(node);
        return;
      case 'switch': {
        if (node.condition) this.expression(node.condition);
        const ways = node.cases.map(({ body }) => this.apart(() => this.block(body)));
        this.work = plus(this.work, ways.reduce(dearer, NONE));
        return;
      }
      case 'for':
      case 'while':
      case 'loop':
        this.loop(node);
    }
  }

  private branch(node: Node): void {
    const ways: Work[] = [];
    const way = (body: readonly Node[]) => ways.push(this.apart(() => this.block(body)));
    let decided = false;
    for (const { condition, body } of [node, ...(node.elseif ?? [])]) {
      const value = numberOf(condition, this.known);
      if (condition && value === null) this.expression(condition);
      if (value !== 0) way(body);
      decided = value !== null && value !== 0;
      if (decided) break;
    }
    if (!decided && node.else) way(node.else);
    this.work = plus(this.work, ways.reduce(dearer, NONE));
  }

  private loop(node: Node): void {
    this.scoped(() => {
      if (node.init) this.statement(node.init);
      const turns = this.turns(node);
      // The variable of a loop is another number in every turn.
      if (node.init) this.known.delete(node.init.name);
      const outside = this.depth;
      if (turns === null) this.depth++;
      const turn = this.apart(() => {
        if (node.condition) this.expression(node.condition);
        this.block(node.body);
        if (node.continuing) this.block(node.continuing.body);
        if (node.increment) this.statement(node.increment);
      });
      if (turns === null) this.candidate(turn);
      this.depth = outside;
      this.work = plus(this.work, turn, turns ?? 1);
    });
  }

  private candidate(turn: Work): void {
    const { depth, innermost } = this;
    if (innermost && innermost.depth > depth) return;
    const best = innermost?.depth === depth ? dearer(innermost.turn, turn) : turn;
    this.innermost = { depth, turn: best };
  }

  /** How often a loop runs, if constants say so; one that begins at an invocation's own index is as long as from 0. */
  private turns({ init, condition, increment }: Node): number | null {
    if (!init || !increment || condition?.astNodeType !== 'binaryOp') return null;
    const { operator, left, right } = condition;
    if (left.name !== init.name || (operator !== '<' && operator !== '<=')) return null;
    const end = numberOf(right, this.known);
    const step = increment.operator === '++' ? 1 : numberOf(increment.value as Node, this.known);
    if (end === null || step === null || step <= 0 || !['++', '+='].includes(increment.operator)) return null;
    const start = numberOf(init.value as Node, this.known) ?? 0;
    return Math.max(0, Math.ceil((end - start + (operator === '<=' ? 1 : 0)) / step));
  }

  private assign({ operator, variable, value }: Node): void {
    const target = this.reference(variable, operator !== '=');
    const right = value as Node;
    const product = operator === '+=' || operator === '-=' ? this.product(right) : null;
    if (product === null) this.expression(right);
    else if (product.scalar === 'f32') this.multiplyAdd(target.words);
  }

  private multiplyAdd(count: number): void {
    this.work = plus(this.work, { ...NONE, multiplyAdds: count });
  }

  /** Counts the factors of a product, and gives its type; null, and nothing counted, for anything else. */
  private product(node: Node): Type | null {
    if (node.astNodeType !== 'binaryOp' || node.operator !== '*' || node.postfix) return null;
    const [a, b] = [this.expression(node.left), this.expression(node.right)];
    return a.words >= b.words ? a : b;
  }

  /** A variable, with what is behind it. @param loads whether its value is asked for */
  private reference(node: Node, loads: boolean): Type {
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

  private behind(type: Type, node: Node): Type {
    let found = type;
    for (let at = node.postfix; at; at = at.postfix) {
      if (at.index) this.expression(at.index);
      found = within(found, at);
    }
    return found;
  }

  private expression(node: Node): Type {
    switch (node.astNodeType) {
      case 'literalExpr':
        return typeOf(node.type, this.structs);
      case 'varExpr':
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

  private binary({ operator, left, right }: Node): Type {
    if (operator === '+' || operator === '-') {
      const [first, second] = [this.product(left), this.product(right)];
      const [a, b] = [first ?? this.expression(left), second ?? this.expression(right)];
      const type = a.words >= b.words ? a : b;
      if ((first ?? second) !== null && (first ?? second)?.scalar === 'f32') this.multiplyAdd(type.words);
      return type;
    }
    const [a, b] = [this.expression(left), this.expression(right)];
    if (COMPARISONS.has(operator)) return vectorType('bool', Math.max(a.words, b.words));
    return a.words >= b.words ? a : b;
  }

  private call(name: string, args: readonly Node[]): Type {
    const types = args.map((argument) => this.expression(argument));
    const own = this.functions.get(name);
    if (own) {
      this.callBody(own);
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
