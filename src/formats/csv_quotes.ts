import { badInput } from '../errors.js';

/** Reads one cell after the other. Every character is looked at a fixed number of times, whatever the text. */
class CellReader {
  /** The next one that can end a cell without quotes. */
  private readonly stop: RegExp;
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly delimiter: string,
  ) {
    this.stop = new RegExp(`["\\n${delimiter}]`, 'g');
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  /** Passes over this line if it is empty or a comment. */
  skipLine(): boolean {
    const end = this.text.indexOf('\n', this.at);
    const line = this.text.slice(this.at, end < 0 ? this.text.length : end).trim();
    if (line !== '' && !line.startsWith('#')) return false;
    this.at = end < 0 ? this.text.length : end + 1;
    return true;
  }

  /** Where a cell without quotes ends that begins at `from`, or where a quote stands in it. */
  private plainEnd(from: number): number {
    this.stop.lastIndex = from;
    return this.stop.exec(this.text)?.index ?? this.text.length;
  }

  /** The place of the quote that closes a cell: the first from `from` on that is not doubled. −1: there is none. */
  private closingQuote(from: number): number {
    let at = this.text.indexOf('"', from);
    while (at >= 0 && this.text[at + 1] === '"') at = this.text.indexOf('"', at + 2);
    return at;
  }

  /** The next cell, and whether it is the last of its row; null where a quote is out of place. */
  next(): { cell: string; lines: number; last: boolean } | null {
    const { text, at: start } = this;
    let end = this.plainEnd(start);
    let cell = text.slice(start, end).trim();
    let lines = 0;
    if (text[end] === '"') {
      const close = cell === '' ? this.closingQuote(end + 1) : -1;
      if (close < 0) return null;
      const quoted = text.slice(end + 1, close);
      cell = quoted.replaceAll('""', '"');
      lines = quoted.split('\n').length - 1;
      end = this.plainEnd(close + 1);
      if (text[end] === '"' || text.slice(close + 1, end).trim() !== '') return null;
    }
    this.at = end + 1;
    return { cell, lines, last: text[end] !== this.delimiter };
  }
}

/**
 * Reads rows of cells of which some are quoted, as RFC 4180 has them: a quoted cell may hold delimiters, line breaks
 * and doubled quotes. Blanks around cells, empty lines and lines that begin with # are left out.
 * @param lines of the text; @param row gets the cells and the number of the line on which the row ends, from 1
 * @throws TributaryError 'bad-input' with the line of a quote that is never closed or stands inside a cell
 */
export function readQuotedRows(
  lines: readonly string[],
  delimiter: string,
  name: string,
  row: (cells: string[], line: number) => void,
): void {
  const reader = new CellReader(lines.join('\n'), delimiter);
  let line = 1;
  while (!reader.done) {
    if (reader.skipLine()) {
      line++;
      continue;
    }
    const cells: string[] = [];
    for (let last = false; !last; ) {
      const next = reader.next();
      if (next === null) badInput(`${name} line ${line}: a quoted cell is malformed or never closed`);
      cells.push(next.cell);
      line += next.lines;
      last = next.last;
    }
    row(cells, line);
    line++;
  }
}
