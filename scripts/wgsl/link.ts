/** Links a shader with the files that it includes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Lines `start` (counted from 1) and following of the linked source are `file`'s, from its first line on. */
export interface LineSpan {
  readonly start: number;
  readonly file: string;
}

export interface LinkedShader {
  readonly source: string;
  readonly lines: readonly LineSpan[];
  /** The files that went in, relative to the root, includes first. */
  readonly files: readonly string[];
}

const INCLUDE = /^\/\/ @include (\S+)$/;

/**
 * The file's text behind the text of what it includes, every file once. An include is a comment line
 * `// @include common/name.wgsl`, relative to the root: the files stay valid for every WGSL tool, and since
 * WGSL's declarations may come in any order, the place does not matter.
 * @param read returns a file's text; the default reads below `root`
 */
export function linkShader(
  root: string,
  file: string,
  read: (file: string) => string = (name) => readFileSync(join(root, name), 'utf8'),
): LinkedShader {
  const files: string[] = [];
  const open: string[] = [];
  const lines: LineSpan[] = [];
  const source: string[] = [];
  const add = (name: string, from: string): void => {
    if (open.includes(name))
      throw new Error(`${from}: includes itself through ${[...open, name].join(' → ')}`);
    if (files.includes(name)) return;
    let text: string;
    try {
      text = read(name);
    } catch (cause) {
      throw new Error(`${from}: cannot include ${name}`, { cause });
    }
    open.push(name);
    const ownLines = text.trimEnd().split('\n');
    for (const line of ownLines) {
      const include = INCLUDE.exec(line);
      if (include) add(include[1], name);
      else if (line.includes('@include')) throw new Error(`${name}: malformed include "${line}"`);
    }
    open.pop();
    lines.push({ start: source.length + 1, file: name });
    source.push(...ownLines);
    files.push(name);
  };
  add(file, file);
  return { source: `${source.join('\n')}\n`, lines, files };
}
