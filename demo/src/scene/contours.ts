/** Lines of equal density by marching squares. */

export interface Lattice {
  /** [rows, columns] from the bottom row on. */
  readonly values: Float64Array;
  readonly columns: number;
  readonly rows: number;
  /** Coordinates of the first value, and the distance of neighbours. */
  readonly x: number;
  readonly y: number;
  readonly step: number;
}

/** Segments [x0, y0, x1, y1, …] where the lattice crosses `level`. */
export function contour({ values, columns, rows, x, y, step }: Lattice, level: number): number[] {
  const segments: number[] = [];
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const at = row * columns + column;
      const corners = [values[at], values[at + 1], values[at + columns + 1], values[at + columns]];
      const crossings: [number, number][] = [];
      for (let edge = 0; edge < 4; edge++) {
        const [a, b] = [corners[edge], corners[(edge + 1) % 4]];
        if (a >= level === b >= level) continue;
        const share = (level - a) / (b - a);
        const place: readonly [number, number][] = [
          [share, 0],
          [1, share],
          [1 - share, 1],
          [0, 1 - share],
        ];
        const [dx, dy] = place[edge];
        crossings.push([x + (column + dx) * step, y + (row + dy) * step]);
      }
      for (let i = 0; i + 1 < crossings.length; i += 2) segments.push(...crossings[i], ...crossings[i + 1]);
    }
  }
  return segments;
}
