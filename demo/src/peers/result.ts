/** The result of a race as text, to be read and to be copied. */
import type { Row } from './race.js';

export interface Machine {
  readonly gpu: string;
  readonly host: string;
  readonly date: string;
}

export const machineText = ({ gpu, host, date }: Machine): string => `${gpu}, ${host}, ${date}`;

const few = (value: number, digits: number): string =>
  value >= 100 ? value.toFixed(0) : Number(value.toPrecision(digits)).toString();

/** The figures of a row as a table shows them; empty where there is none. */
export function cells({ median_ms: ms, gflops, gbytes = 0, ratio }: Row): [string, string, string, string] {
  return [
    ms > 0 ? `${few(ms, 3)} ms` : '',
    gflops > 0 ? `${few(gflops, 3)} GFLOP/s` : '',
    gbytes > 0 ? `${few(gbytes, 3)} GB/s` : '',
    ratio > 0 ? `${ratio.toFixed(2)}×` : '',
  ];
}

/** Rows of one work under its name. */
export function rowsText(rows: readonly Row[]): string {
  const lines: string[] = [];
  const width = Math.max(0, ...rows.map(({ system }) => system.length));
  let last = '';
  for (const row of rows) {
    if (row.work !== last) lines.push('', row.work);
    last = row.work;
    const figures = cells(row)
      .map((cell, i) => cell.padStart([11, 17, 12, 9][i]))
      .join('');
    lines.push(`  ${row.system.padEnd(width)}${figures}  ${row.note ?? ''}`.trimEnd());
  }
  return lines.join('\n');
}
