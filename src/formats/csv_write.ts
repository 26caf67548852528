import { badInput } from '../errors.js';
import { isNumberLike, LABEL_NAME } from './csv_cells.js';
import { maybeIndex } from './csv_header.js';

function quoted(column: string): string {
  return /^#|[",;\t\r\n]|^\s|\s$/.test(column) ? `"${column.replaceAll('"', '""')}"` : column;
}

/**
 * Writes points as comma-separated text that `decodeCsv` reads back to the same bits.
 * @param data rows × cols, row-major
 * @param labels one per row; written as a last column called `label`
 * @param columns names of the coordinates, in the header; x1, x2, … if not given. There always is a header: a first
 *   point of whole numbers would be taken for one
 * @throws TributaryError 'bad-input' on sizes that disagree, values that are not finite, or a column name
 *   that would not read back
 */
export function encodeCsv(
  data: Float64Array | Float32Array,
  rows: number,
  cols: number,
  labels?: Uint32Array,
  columns?: readonly string[],
): string {
  if (data.length !== rows * cols) badInput(`${data.length} values are not ${rows} rows of ${cols}`);
  if (labels && labels.length !== rows) badInput(`${labels.length} labels do not fit ${rows} rows`);
  if (columns && columns.length !== cols)
    badInput(`${columns.length} column names do not fit ${cols} columns`);
  const wrong = columns?.find(
    (column, at) =>
      column.trim() === '' || isNumberLike(column) || LABEL_NAME.test(column) || maybeIndex(column, at),
  );
  if (wrong !== undefined) badInput(`'${wrong}' cannot be the name of a coordinate column`);
  const names = columns ?? Array.from({ length: cols }, (_, i) => `x${i + 1}`);
  const lines = [[...names.map(quoted), ...(labels ? ['label'] : [])].join(',')];
  for (let row = 0; row < rows; row++) {
    const cells: string[] = [];
    for (let column = 0; column < cols; column++) {
      const value = data[row * cols + column];
      if (!Number.isFinite(value))
        badInput(`row ${row + 1}, column ${column + 1}: ${value} is not a finite number`);
      // String(-0) is '0'.
      cells.push(Object.is(value, -0) ? '-0' : String(value));
    }
    if (labels) cells.push(String(labels[row]));
    lines.push(cells.join(','));
  }
  return `${lines.join('\n')}\n`;
}
