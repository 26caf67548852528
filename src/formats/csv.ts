import { badInput } from '../errors.js';
import { DECIMAL_COMMA, isNumberLike, LABEL_NAME, NOT_FINITE, NUMBER } from './csv_cells.js';
import { readQuotedRows } from './csv_quotes.js';

/** Points as text: one a line, one coordinate a cell, with an optional header and an optional label column. */
export interface CsvTable {
  /** Names of the coordinate columns, when the file has a header; the label column is not among them. */
  columns?: string[];
  rows: number;
  /** Number of coordinates, not counting the label column. */
  cols: number;
  /** rows × cols, row-major; every value is finite. */
  data: Float64Array;
  /** One per row, when the file has a column called `label` or `class`. */
  labels?: Uint32Array;
}

const MAX_LABEL = 2 ** 32 - 1;

type Delimiter = ',' | ';' | '\t' | ' ';

/** By the first line that holds anything: a decimal comma must not win over a semicolon or a tab. */
function detectDelimiter(lines: readonly string[]): Delimiter {
  const first = lines.find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '';
  const unquoted = first.replace(/"[^"]*"/g, 'quoted').trim();
  for (const delimiter of [';', '\t', ','] as const) if (unquoted.includes(delimiter)) return delimiter;
  return /\s/.test(unquoted) ? ' ' : ',';
}

type RowHandler = (cells: string[], line: number) => void;

/** Numbers need no quotes, so most files never need a real parser, which takes ten times as long. */
function splitRows(lines: readonly string[], delimiter: Delimiter, row: RowHandler): void {
  lines.forEach((line, index) => {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) return;
    // Trimming the line would swallow an empty first or last cell between tabs.
    const cells = delimiter === ' ' ? text.split(/\s+/) : line.split(delimiter).map((cell) => cell.trim());
    row(cells, index + 1);
  });
}

/** Files with quoted cells; what is split by blanks becomes split by tabs. */
function parseRows(lines: readonly string[], delimiter: Delimiter, name: string, row: RowHandler): void {
  if (delimiter !== ' ') readQuotedRows(lines, delimiter, name, row);
  else {
    const tabbed = (line: string) =>
      line.trim().replace(/("[^"]*")|\s+/g, (_, cell?: string) => cell ?? '\t');
    readQuotedRows(lines.map(tabbed), '\t', name, row);
  }
}

/** 1 where a header leaves its first column without a name, as pandas does for the rows' index. */
const indexColumns = ([first, ...rest]: readonly string[]): number =>
  first === '' && rest.length > 0 && isHeader(rest) ? 1 : 0;

/** A header has no numbers, unless it also says which column is the label. */
function isHeader(cells: readonly string[]): boolean {
  return (
    cells.some((cell) => LABEL_NAME.test(cell)) || cells.every((cell) => !isNumberLike(cell) && cell !== '')
  );
}

function shorten(cell: string): string {
  return cell.length > 40 ? `${cell.slice(0, 40)}…` : cell;
}

class TableBuilder {
  private header: string[] | undefined;
  private labelColumn = -1;
  /** Columns at the left that are no coordinates. */
  private skipped = 0;
  private width = -1;
  private firstLine = 0;
  private values = new Float64Array(1024);
  private labels: number[] = [];
  private rows = 0;

  constructor(
    private readonly name: string,
    private readonly delimiter: Delimiter,
  ) {}

  readonly row: RowHandler = (cells, line) => {
    if (this.width < 0) {
      this.width = cells.length;
      this.firstLine = line;
      this.skipped = indexColumns(cells);
      if (this.skipped > 0 || isHeader(cells)) {
        this.readHeader(cells, line);
        return;
      }
    }
    if (cells.length !== this.width) {
      const [found, expected] = [cells.length, this.width].map((n) => `${n} ${n === 1 ? 'cell' : 'cells'}`);
      badInput(`${this.name} line ${line}: ${found} where line ${this.firstLine} has ${expected}`);
    }
    const start = this.rows * this.cols;
    if (start + this.cols > this.values.length) this.grow(start + this.cols);
    let at = start;
    for (let column = this.skipped; column < cells.length; column++) {
      if (column === this.labelColumn) this.labels.push(this.label(cells[column], line, column));
      else this.values[at++] = this.number(cells[column], line, column);
    }
    this.rows++;
  };

  private get cols(): number {
    return this.width - this.skipped - (this.labelColumn < 0 ? 0 : 1);
  }

  private grow(needed: number): void {
    const larger = new Float64Array(Math.max(needed, 2 * this.values.length));
    larger.set(this.values);
    this.values = larger;
  }

  private readHeader(cells: string[], line: number): void {
    this.header = cells;
    this.labelColumn = cells.findIndex((cell) => LABEL_NAME.test(cell));
    if (cells.filter((cell) => LABEL_NAME.test(cell)).length > 1) {
      badInput(`${this.name} line ${line}: more than one column is called label or class`);
    }
    if (this.cols === 0) badInput(`${this.name} line ${line}: there are labels but no coordinates`);
  }

  private place(line: number, column: number): string {
    return `${this.name} line ${line}, column ${column + 1}`;
  }

  private number(cell: string, line: number, column: number): number {
    const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
    if (Number.isFinite(value)) return value;
    const place = this.place(line, column);
    if (cell === '') badInput(`${place}: the cell is empty`);
    const shown = shorten(cell);
    if (NUMBER.test(cell) || NOT_FINITE.test(cell)) badInput(`${place}: '${shown}' is not a finite number`);
    const hint = DECIMAL_COMMA.test(cell) ? '; write decimals with a point' : '';
    badInput(`${place}: '${shown}' is not a number${hint}`);
  }

  private label(cell: string, line: number, column: number): number {
    const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
    if (Number.isInteger(value) && value >= 0 && value <= MAX_LABEL) return value;
    badInput(
      `${this.place(line, column)}: label '${shorten(cell)}' is not a whole number from 0 to ${MAX_LABEL}`,
    );
  }

  finish(): CsvTable {
    const delimiter = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', ' ': 'spaces' }[this.delimiter];
    if (this.width < 0)
      badInput(`${this.name} is empty; expected one point a line, cells split by ${delimiter}`);
    if (this.rows === 0) badInput(`${this.name} has a header but no points`);
    const data = this.values.slice(0, this.rows * this.cols);
    const table: CsvTable = { rows: this.rows, cols: this.cols, data };
    if (this.header)
      table.columns = this.header.filter(
        (_, column) => column >= this.skipped && column !== this.labelColumn,
      );
    if (this.labelColumn >= 0) table.labels = Uint32Array.from(this.labels);
    return table;
  }
}

/**
 * Reads points from text. Cells are split by commas, semicolons, tabs or spaces, whichever the first line
 * uses; a first line without numbers is a header; lines that begin with # and empty lines are skipped, and so is a
 * first column that the header does not name: a table's index.
 * @param name what to call the file in an error
 * @throws TributaryError 'bad-input' with the line and column of what is wrong
 */
export function decodeCsv(text: string, name: string): CsvTable {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  const delimiter = detectDelimiter(lines);
  const builder = new TableBuilder(name, delimiter);
  if (text.includes('"')) parseRows(lines, delimiter, name, builder.row);
  else splitRows(lines, delimiter, builder.row);
  return builder.finish();
}
