/**
 * A parser for the one kind of JSON that a safetensors header may be: objects, lists, strings and whole
 * numbers ≥ 0. `JSON.parse` would accept what the format forbids (a key twice, fractions) and, on a hostile
 * file, say nothing about it.
 */

export type HeaderValue = string | number | HeaderValue[] | HeaderObject;

/** A map, not an object: a key called `__proto__` is then only a string. */
export type HeaderObject = Map<string, HeaderValue>;

/** What is wrong with a header, for the caller to report with the name of the file. */
export class HeaderSyntaxError extends Error {}

/** name → { shape: [ ] } is as deep as a header goes. */
const MAX_DEPTH = 3;

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

class Parser {
  private at = 0;

  constructor(private readonly text: string) {}

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private take(character: string): boolean {
    this.match(SPACE);
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private need(character: string): void {
    if (!this.take(character)) this.fail(`expected '${character}'`);
  }

  private fail(what: string): never {
    throw new HeaderSyntaxError(`the header is not valid JSON: ${what} at character ${this.at}`);
  }

  /** Finds the end by hand, because a regular expression overflows its stack on a string of many megabytes. */
  private string(): string {
    this.match(SPACE);
    if (this.text[this.at] !== '"') this.fail('expected a string');
    let end = this.at + 1;
    while (end < this.text.length && this.text[end] !== '"') end += this.text[end] === '\\' ? 2 : 1;
    try {
      const value: string = JSON.parse(this.text.slice(this.at, end + 1));
      this.at = end + 1;
      return value;
    } catch {
      this.fail('a damaged string');
    }
  }

  private object(depth: number): HeaderObject {
    const result: HeaderObject = new Map();
    if (this.take('}')) return result;
    do {
      const key = this.string();
      if (key === '__proto__') throw new HeaderSyntaxError(`the header uses the forbidden name '__proto__'`);
      if (result.has(key)) throw new HeaderSyntaxError(`the header names ${JSON.stringify(key)} twice`);
      this.need(':');
      result.set(key, this.value(depth));
    } while (this.take(','));
    this.need('}');
    return result;
  }

  private list(depth: number): HeaderValue[] {
    const result: HeaderValue[] = [];
    if (this.take(']')) return result;
    do result.push(this.value(depth));
    while (this.take(','));
    this.need(']');
    return result;
  }

  private value(depth: number): HeaderValue {
    if (depth > MAX_DEPTH) throw new HeaderSyntaxError('the header is nested too deeply');
    if (this.take('{')) return this.object(depth + 1);
    if (this.take('[')) return this.list(depth + 1);
    if (this.text[this.at] === '"') return this.string();
    const literal = this.match(NUMBER);
    if (literal === undefined) this.fail('expected an object, a list, a string or a number');
    const number = Number(literal);
    if (!/^[0-9]+$/.test(literal) || !Number.isSafeInteger(number)) {
      throw new HeaderSyntaxError(
        `the header holds ${literal.slice(0, 40)}, not a whole number from 0 to 2⁵³ − 1`,
      );
    }
    return number;
  }

  document(): HeaderObject {
    if (!this.take('{')) {
      if (/^\s*[[\d"tfn-]/.test(this.text)) throw new HeaderSyntaxError('the header is not a JSON object');
      this.fail(`expected '{'`);
    }
    const result = this.object(1);
    this.match(SPACE);
    if (this.at !== this.text.length) this.fail('unexpected text');
    return result;
  }
}

/**
 * Parses a safetensors header.
 * @throws HeaderSyntaxError when it is not JSON, not an object, or has what the format forbids
 */
export function parseHeader(text: string): HeaderObject {
  return new Parser(text).document();
}
