import { badInput } from '../errors.js';

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
  // One cell and what follows it: quoted, or without any quote.
  const cell = new RegExp(
    `[^\\S\\n${delimiter}]*(?:"((?:[^"]|"")*)"|([^"\\n${delimiter}]*))[^\\S\\n${delimiter}]*(${delimiter}|\\n|$)`,
    'y',
  );
  const text = lines.join('\n');
  let [at, line] = [0, 1];
  while (at < text.length) {
    const end = text.indexOf('\n', at);
    const first = text.slice(at, end < 0 ? text.length : end).trim();
    if (first === '' || first.startsWith('#')) {
      at = end < 0 ? text.length : end + 1;
      line++;
      continue;
    }
    const cells: string[] = [];
    for (let after = delimiter; after === delimiter; ) {
      cell.lastIndex = at;
      const match = cell.exec(text);
      if (match === null) badInput(`${name} line ${line}: a quoted cell is malformed or never closed`);
      const [all, quoted, plain] = match;
      cells.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'));
      line += (quoted?.split('\n').length ?? 1) - 1;
      at += all.length;
      after = match[3];
    }
    row(cells, line);
    line++;
  }
}
