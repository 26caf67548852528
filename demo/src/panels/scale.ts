/** Where the lines of a chart's grid lie. */

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** A number without the dust of floating point. */
const clean = (value: number) => Number(value.toPrecision(12));

/** Round numbers inside a range, about `count` of them. */
export function round({ low, high }: Range, count: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / count;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = clean(size * ([1, 2, 5].find((factor) => factor * size >= rough) ?? 10));
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => clean((first + i) * step));
}

/**
 * A range of positive numbers, widened to the next 1, 2 or 5 of a decade, and the lines in it: decades where there
 * are three or more of them, else also their halves and fifths.
 */
export function decades({ low, high }: Range): Range & { readonly ticks: readonly number[] } {
  const marks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const factor of [1, 2, 5]) marks.push(clean(factor * 10 ** power));
  }
  const from = marks.findLastIndex((mark) => mark <= low);
  const next = marks.findIndex((mark) => mark >= high);
  // A range of one number would have no height.
  const to = Math.max(next, from + 1);
  const inside = marks.slice(from, to + 1);
  const whole = inside.filter((mark) => Number.isInteger(clean(Math.log10(mark))));
  return { low: marks[from], high: marks[to], ticks: whole.length >= 3 ? whole : inside };
}
