import { badInput } from '../errors.js';
import { DECIMAL_COMMA, LABEL_NAME, NOT_FINITE, NUMBER } from './csv_cells.js';
import { type CsvReading, indexKind, isDoubtful, isHeader, maybeIndex } from './csv_header.js';
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
  /** What the first line and the columns were taken for. */
  reading: CsvReading;
}

export interface CsvOptions {
  /** Whether the first line names the columns; told from its cells if not given, and refused where they do not tell. */
  readonly header?: boolean | undefined;
  /** How whoever asked may decide a doubtful header: the end of the message. */
  readonly decide?: string;
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

function shorten(cell: string): string {
  return cell.length > 40 ? `${cell.slice(0, 40)}…` : cell;
}

class TableBuilder {
  private header: string[] | undefined;
  private labelColumn = -1;
  /** Columns that are no coordinates, with their cells: rows' numbers or names. */
  private readonly index = new Map<number, string[]>();
  private width = -1;
  private firstLine = 0;
  private first: string[] = [];
  private values = new Float64Array(1024);
  private labels: number[] = [];
  private rows = 0;

  constructor(
    private readonly name: string,
    private readonly delimiter: Delimiter,
    private readonly options: CsvOptions,
  ) {}

  readonly row: RowHandler = (cells, line) => {
    if (this.width < 0) {
      this.width = cells.length;
      this.firstLine = line;
      this.first = cells;
      if (this.options.header ?? isHeader(cells)) {
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
    for (let column = 0; column < cells.length; column++) {
      const index = this.index.size > 0 ? this.index.get(column) : undefined;
      if (index !== undefined) index.push(cells[column]);
      else if (column === this.labelColumn) this.labels.push(this.label(cells[column], line, column));
      else this.values[at++] = this.number(cells[column], line, column);
    }
    this.rows++;
  };

  private get cols(): number {
    return this.width - this.index.size - (this.labelColumn < 0 ? 0 : 1);
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
    cells.forEach((cell, column) => {
      if (maybeIndex(cell, column)) this.index.set(column, []);
    });
    if (this.cols === 0) {
      const found = this.labelColumn < 0 ? 'columns without names' : 'labels';
      badInput(`${this.name} line ${line}: there are ${found} but no coordinates`);
    }
  }

  /** What was left out of the table. */
  private leftOut(): CsvReading['leftOut'] {
    // Names that are numbers might be a point whose first coordinate is missing.
    const strict =
      this.options.header === undefined &&
      (this.header ?? []).every((cell, column) => this.index.has(column) || NUMBER.test(cell));
    return [...this.index].map(([column, cells]) => {
      const name = this.header?.[column] ?? '';
      const why = indexKind(cells, strict);
      if (why !== null) return { name, why };
      const found = name === '' ? 'has no name' : `is called '${name}'`;
      badInput(
        `${this.place(this.firstLine, column)} ${found}, and its cells do not count the rows: give it a name if it is a coordinate, or take it out`,
      );
    });
  }

  private refuseDoubt(data: Float64Array): void {
    if (this.options.header !== undefined || this.header || !isDoubtful(this.first, data, this.cols)) return;
    const shown = this.first.slice(0, 4).join(', ') + (this.cols > 4 ? ', …' : '');
    const { decide } = this.options;
    badInput(
      `${this.name} line ${this.firstLine}: ${shown} may be names of columns or a point: put a line of names such as x, y in its place or above it${decide === undefined ? '' : `, or ${decide}`}`,
    );
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
    this.refuseDoubt(data);
    const label = this.header?.[this.labelColumn];
    const table: CsvTable = {
      ...{ rows: this.rows, cols: this.cols, data },
      reading: {
        header: this.header !== undefined,
        leftOut: this.leftOut(),
        ...(label === undefined ? {} : { label }),
      },
    };
    if (this.header)
      table.columns = this.header.filter(
        (_, column) => !this.index.has(column) && column !== this.labelColumn,
      );
    if (this.labelColumn >= 0) table.labels = Uint32Array.from(this.labels);
    return table;
  }
}

/**
 * Reads points from text. Cells are split by commas, semicolons, tabs or spaces, whichever the first line
 * uses; a first line without numbers is a header; lines that begin with # and empty lines are skipped, and so are
 * columns that only count or name the rows: a first one that the header does not name, and pandas' `Unnamed: 0`.
 * @param name what to call the file in an error
 * @throws TributaryError 'bad-input' with the line and column of what is wrong, and where a first line of whole numbers
 *   may be names of columns as well as a point and `options.header` does not say which
 */
export function decodeCsv(text: string, name: string, options: CsvOptions = {}): CsvTable {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  const delimiter = detectDelimiter(lines);
  const builder = new TableBuilder(name, delimiter, options);
  if (text.includes('"')) parseRows(lines, delimiter, name, builder.row);
  else splitRows(lines, delimiter, builder.row);
  return builder.finish();
}
