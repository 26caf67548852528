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

/** Rows of one work under its name; the only one of a work stands beside it. */
export function rowsText(rows: readonly Row[]): string {
  const lines: string[] = [];
  const works = [...new Set(rows.map(({ work }) => work))];
  const groups = works.map((work) => rows.filter((row) => row.work === work));
  const name = (row: Row, group: readonly Row[]) => (group.length > 1 ? `  ${row.system}` : row.work);
  const width = Math.max(0, ...groups.flatMap((group) => group.map((row) => name(row, group).length)));
  for (const group of groups) {
    if (group.length > 1) lines.push('', group[0].work);
    for (const row of group) {
      const figures = cells(row).map((cell, i) => cell.padStart([11, 17, 14, 9][i]));
      lines.push(`${name(row, group).padEnd(width)}${figures.join('')}  ${row.note ?? ''}`.trimEnd());
    }
  }
  return lines.join('\n');
}
