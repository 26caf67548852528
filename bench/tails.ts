/**
 * How many of many normals pass 4, 5, 5.5, 6 and 6.5 deviations, against erfc: `npm run bench:tails`, [MILLIONS].
 * The tail of a transform that uses fewer bits is thinner; a test draws too few to see it.
 */
import { CLOCK_LENGTH } from '../src/backend/clock.js';
import { randomNormal } from '../src/backend/contracts/draw.js';
import { Trace } from '../src/backend/trace.js';
import { SimdBackend } from '../src/cpu/simd/backend.js';
import { STREAM } from '../src/random/random.js';

const TILE = 2 ** 20;

/** P(|N| > r) = erfc(r/√2). */
const EXPECTED: readonly (readonly [number, number])[] = [
  [4, 6.334248366623996e-5],
  [5, 5.733031437583869e-7],
  [5.5, 3.797912493177544e-8],
  [6, 1.973175290075396e-9],
  [6.5, 8.032001167718236e-11],
];

export default async function run([millions = '1000']: string[]): Promise<void> {
  const tiles = Math.ceil((Number(millions) * 1e6) / TILE);
  const engine = await SimdBackend.create({ threads: 2 });
  const clock = engine.allocate(CLOCK_LENGTH, 'clock', 'u32');
  const out = engine.allocate(TILE, 'normals');
  const trace = new Trace();
  const seed = { seedLow: 2026, seedHigh: 0 };
  trace.call(randomNormal, { clock, out }, { ...seed, stream: STREAM.test, n: TILE, dim: 1, scale: 1 });
  const plan = await engine.compile(trace, 'normals');
  const counts = EXPECTED.map(() => 0);
  let largest = 0;
  for (let tile = 0; tile < tiles; tile++) {
    engine.write(clock, [tile, 0, 0, 0]);
    await plan.run(1);
    for (const value of await engine.read(out)) {
      const size = Math.abs(value);
      if (size < 4) continue;
      largest = Math.max(largest, size);
      EXPECTED.forEach(([r], i) => {
        if (size > r) counts[i]++;
      });
    }
  }
  engine.destroy();
  const n = tiles * TILE;
  console.log(`${n} normals, the largest ${largest.toFixed(4)}\n`);
  console.log('| beyond | drawn | expected | ratio | deviations |\n| --- | --- | --- | --- | --- |');
  EXPECTED.forEach(([r, p], i) => {
    const expected = n * p;
    const z = (counts[i] - expected) / Math.sqrt(expected);
    console.log(
      `| ${r} | ${counts[i]} | ${expected.toPrecision(5)} | ${(counts[i] / expected).toFixed(4)} | ${z.toFixed(2)} |`,
    );
  });
}
