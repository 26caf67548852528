/** Walks through a shader from an entry point and counts; `limits.ts` says what the numbers mean. */
import { BOOL, ExpressionCounter, type Variable } from './wgsl_expressions.js';
import {
  type Block,
  type Known,
  type Node,
  numberIn,
  numberOf,
  parse,
  structType,
  type Type,
  typeOf,
} from './wgsl_tree.js';
import { dearer, NONE, plus, type Work } from './wgsl_work.js';

export class Counter extends ExpressionCounter {
  private readonly sharedBytes = new Map<string, number>();
  /** What every function sees. */
  private readonly globals = new Map<string, Variable>();
  private readonly constants: Map<string, number>;
  private known: Known;
  private live = 0;
  private most = 0;
  /** A turn of the loop that lies deepest of those whose length is not known, and is dearest of these. */
  private innermost: { readonly depth: number; readonly turn: Work } | null = null;
  private depth = 0;

  constructor(source: string, overrides: Readonly<Record<string, number>>) {
    super();
    this.constants = new Map(Object.entries(overrides));
    this.known = this.constants;
    for (const node of parse(source)) {
      const { astNodeType: kind, name } = node;
      if (kind === 'function') this.functions.set(name, node);
      else if (kind === 'struct') this.structs.set(name, structType(node));
      else if (kind === 'var') this.global(node);
      else if (kind === 'override' || kind === 'const') this.constant(node);
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

  private constant({ name, type, value }: Node): void {
    this.globals.set(name, { type: typeOf(type, this.structs), space: null });
    if (this.constants.has(name)) return;
    const number = numberOf(value as Node, this.constants);
    if (number !== null) this.constants.set(name, number);
  }

  private global(node: Node): void {
    const type = typeOf(node.type, this.structs);
    const space = node.storage === 'private' ? null : (node.storage ?? null);
    this.globals.set(node.name, { type, space });
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
    this.inline(entry, []);
    const sharedBytes = [...this.usedShared].reduce(
      (sum, used) => sum + (this.sharedBytes.get(used) ?? 0),
      0,
    );
    return { workgroup, registers: this.most, sharedBytes, loop: this.innermost?.turn ?? this.work };
  }

  protected override inline({ args, body }: Node, given: readonly Node[]): void {
    const numbers = given.map((argument) => numberOf(argument, this.known));
    this.scoped(() => {
      this.variables = this.globals;
      this.known = this.constants;
      for (const [i, { name, type }] of (args ?? []).entries())
        this.declare(name, typeOf(type, this.structs), numbers[i] ?? null);
      this.block(body);
    });
  }

  private scoped(run: () => void): void {
    const { variables, known, live } = this;
    run();
    Object.assign(this, { variables, known, live });
  }

  private declare(name: string, type: Type, number: number | null): void {
    this.variables = new Map(this.variables).set(name, { type, space: null });
    const known = new Map(this.known);
    // A constant of the same name is seen no more.
    if (number === null) known.delete(name);
    else known.set(name, number);
    this.known = known;
    this.live += type.words;
    this.most = Math.max(this.most, this.live);
  }

  private block(nodes: Block): void {
    this.scoped(() => {
      for (const node of nodes) {
        if ('astNodeType' in node) this.statement(node);
        else this.block(node);
      }
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
        this.declare(node.name, node.type ? typeOf(node.type, this.structs) : (found ?? BOOL), number);
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
    const way = (body: Block) => ways.push(this.apart(() => this.block(body)));
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
      if (node.init) this.forget(node.init.name);
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

  private forget(name: string): void {
    const known = new Map(this.known);
    known.delete(name);
    this.known = known;
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
}
