/** What is known of this machine's caches: what the system tells, and how long a load takes by size. */
import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = '/sys/devices/system/cpu/cpu0/cache';

/** Caches of the first core, such as `L1 Data 32K`; none where the system does not tell, as some virtual ones. */
export function toldCaches(): string[] {
  try {
    return readdirSync(FOLDER)
      .filter((name) => name.startsWith('index'))
      .sort()
      .map((name) => {
        const [level, type, size] = ['level', 'type', 'size'].map((file) =>
          readFileSync(`${FOLDER}/${name}/${file}`, 'utf8').trim(),
        );
        return `L${level} ${type} ${size}`;
      });
  } catch {
    return [];
  }
}

/** Kibibytes that the timed loads go round in. */
const SIZES = [16, 32, 64, 256, 512, 1024, 4096, 16384];
const LINE = 16;
const LOADS = 2_000_000;

/** Nanoseconds of a load whose address the load before it gave, in a random order of cache lines, by KiB. */
export function loadTimes(): Record<string, number> {
  const times = SIZES.map((size): [string, number] => {
    const lines = (size * 1024) / 4 / LINE;
    const next = new Int32Array(lines * LINE);
    // One cycle through all lines, by Sattolo's shuffle with a fixed generator.
    const order = Int32Array.from({ length: lines }, (_, i) => i);
    let state = 1;
    for (let i = lines - 1; i > 0; i--) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const j = Math.floor((state / 2 ** 32) * i);
      [order[i], order[j]] = [order[j], order[i]];
    }
    for (let i = 0; i < lines; i++) next[order[i] * LINE] = order[(i + 1) % lines] * LINE;
    const best = Math.min(...Array.from({ length: 5 }, () => walk(next)));
    return [`${size}`, Number(best.toFixed(2))];
  });
  return Object.fromEntries(times);
}

function walk(next: Int32Array): number {
  const start = performance.now();
  let at = 0;
  for (let i = 0; i < LOADS; i++) at = next[at];
  // `at` is used, so that no compiler may leave the loop out.
  const time = performance.now() - start + (at < 0 ? 1 : 0);
  return (time * 1e6) / LOADS;
}
