import { isNumberLike, LABEL_NAME, NUMBER } from './csv_cells.js';

/** What a file's first line and its columns were taken for. */
export interface CsvReading {
  /** Whether the first line names the columns. */
  readonly header: boolean;
  /** Columns that are no coordinates, and why. */
  readonly leftOut: readonly { readonly name: string; readonly why: string }[];
  /** The name of the column of labels. */
  readonly label?: string;
}

/** The name of a column that pandas gives one without a name, when it reads what it has written. */
const UNNAMED = /^Unnamed: \d+(?:_level_\d+)?(?:\.\d+)*$/;

/** Whether a header's column may be the index of a table's rows: the first one without a name, or pandas' name for it. */
export const maybeIndex = (name: string, column: number): boolean =>
  (column === 0 && name === '') || UNNAMED.test(name);

/**
 * A header has no numbers, unless it also says which column is the label, or leaves its first cell empty above a
 * table's index.
 */
export function isHeader(cells: readonly string[]): boolean {
  if (cells.some((cell) => LABEL_NAME.test(cell))) return true;
  const [first, ...rest] = cells;
  if (first === '') return rest.length > 0 && rest.every((cell) => cell !== '');
  return cells.every((cell) => !isNumberLike(cell) && cell !== '');
}

/**
 * Why a column without a name is an index of the rows and no coordinate; null where it is not.
 * @param cells of the column; @param strict takes only one that counts the rows in order
 */
export function indexKind(cells: readonly string[], strict: boolean): string | null {
  if (cells.every((cell) => cell === '')) return 'it is empty';
  if (cells.some((cell) => cell !== '' && !isNumberLike(cell))) return strict ? null : 'it names the rows';
  const numbers = cells.map((cell) => (NUMBER.test(cell) ? Number(cell) : Number.NaN));
  const whole = numbers.every((value) => Number.isInteger(value) && value >= 0);
  if (!whole) return null;
  if (numbers[0] <= 1 && numbers.every((value, row) => value === numbers[0] + row))
    return 'it counts the rows';
  return !strict && new Set(numbers).size === numbers.length ? 'it numbers the rows' : null;
}

/**
 * Whether a first line of nothing but numbers may be the names of the columns: whole numbers that all differ, and that
 * count the columns from 0, as pandas names them, or rise above fractions, or lie far from all that follow in their
 * column, as years do.
 * @param first the cells of the first line; @param data [rows, cols] of all lines, the first among them
 */
export function isDoubtful(first: readonly string[], data: Float64Array, cols: number): boolean {
  const rows = data.length / cols;
  if (rows < 2 || !first.every((cell) => /^\d+$/.test(cell))) return false;
  if (new Set(first).size < cols) return false;
  if (cols > 1 && first.every((cell, column) => Number(cell) === column)) return true;
  // Names rise; a point such as 1, 0 need not.
  let [fractions, far] = [first.every((cell, k) => k === 0 || Number(first[k - 1]) < Number(cell)), rows > 3];
  for (let column = 0; column < cols; column++) {
    let [least, most, broken] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
    for (let row = 1; row < rows; row++) {
      const value = data[row * cols + column];
      least = Math.min(least, value);
      most = Math.max(most, value);
      if (!Number.isInteger(value)) broken++;
    }
    fractions &&= 2 * broken > rows - 1;
    const width = most - least;
    far &&= width > 0 && (data[column] > most + width || data[column] < least - width);
  }
  return fractions || far;
}

/** At most this many names of columns are listed. */
const LISTED = 6;

/**
 * One line about what was read of a file, such as "a.csv: 200 rows × 2 columns x, y; header read; labels from 'label'".
 * @param names of the coordinates, where the file gives them
 */
export function readingText(
  file: string,
  rows: number,
  cols: number,
  names?: readonly string[],
  reading?: CsvReading,
): string {
  const count = (n: number, one: string) => `${n} ${one}${n === 1 ? '' : 's'}`;
  const listed =
    names === undefined ? '' : ` ${names.slice(0, LISTED).join(', ')}${names.length > LISTED ? ' …' : ''}`;
  const parts = [`${file}: ${count(rows, 'row')} × ${count(cols, 'column')}${listed}`];
  if (reading) parts.push(reading.header ? 'header read' : 'no header');
  if (reading?.label !== undefined) parts.push(`labels from '${reading.label}'`);
  for (const { name, why } of reading?.leftOut ?? [])
    parts.push(`${name === '' ? 'the first column, without a name,' : `column '${name}'`} left out: ${why}`);
  return parts.join('; ');
}
