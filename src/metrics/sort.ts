/** Buckets with more than this are sorted by themselves before neighbours are put in order. */
const CROWDED = 48;

/**
 * Sorts numbers by as many buckets of equal width as there are numbers and by insertion after that: in linear time
 * where they spread, and never slower than by comparison alone.
 * @param values [n], finite; left as they are
 * @param order [n] filled with where each sorted number stood, if given
 */
export function sortNumbers(values: Float64Array, order?: Uint32Array): Float64Array {
  const n = values.length;
  const sorted = new Float64Array(n);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < n; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  const scale = high > low ? (n - 1) / (high - low) : 0;
  const starts = new Uint32Array(n + 1);
  const bucket = (value: number) => Math.min(n - 1, (scale * (value - low)) >>> 0);
  for (let i = 0; i < n; i++) starts[bucket(values[i]) + 1]++;
  for (let k = 0; k < n; k++) starts[k + 1] += starts[k];
  const next = starts.slice();
  for (let i = 0; i < n; i++) {
    const at = next[bucket(values[i])]++;
    sorted[at] = values[i];
    if (order) order[at] = i;
  }
  for (let k = 0; k < n; k++) {
    if (starts[k + 1] - starts[k] <= CROWDED) continue;
    const part = sorted.subarray(starts[k], starts[k + 1]);
    if (order) {
      const own = order.subarray(starts[k], starts[k + 1]).sort((a, b) => values[a] - values[b] || a - b);
      own.forEach((row, at) => {
        part[at] = values[row];
      });
    } else part.sort();
  }
  for (let i = 1; i < n; i++) {
    const [value, row] = [sorted[i], order ? order[i] : 0];
    let at = i;
    for (; at > 0 && sorted[at - 1] > value; at--) {
      sorted[at] = sorted[at - 1];
      if (order) order[at] = order[at - 1];
    }
    sorted[at] = value;
    if (order) order[at] = row;
  }
  return sorted;
}
