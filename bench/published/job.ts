/** One run of the table, or the floor of a target, in a process of its own: prints its outcome as JSON. */
import { SimdBackend } from '../../src/cpu/simd/backend.js';
import { exactW2 } from '../../src/metrics/w2.js';
import { CounterRandom, STREAM } from '../../src/random/random.js';
import { drawTarget, type Method, type Target } from './table.js';
import { POINTS, trainAndSample } from './train.js';

export interface Job {
  readonly method: Method | 'floor';
  readonly target: Target;
  readonly seed: number;
  readonly epochs: number;
}

export interface Outcome {
  /** Of 10 000 samples, or of a second draw of the target for a floor, to a draw of the target. */
  readonly w2: number;
  /** E∫|v|²dt, or W2² between the base and the target for a floor: the least that the energy can be. */
  readonly energy: number;
  readonly seconds: number;
}

export const jobName = ({ method, target, seed }: Job): string => `${method} ${target} ${seed}`;

/** Draws of one seed: what is trained on, what is compared with, and a second one to compare with it. */
const STEP = { training: 0, reference: 1, second: 2 } as const;

export default async function main([text]: string[]): Promise<void> {
  const begin = performance.now();
  const { method, target, seed, epochs } = JSON.parse(text) as Job;
  const draw = (step: number) => drawTarget(target, POINTS, seed, step);
  const reference = draw(STEP.reference);
  let result: { w2: number; energy: number };
  if (method === 'floor') {
    const random = new CounterRandom(seed, STREAM.start, 0);
    const base = Float64Array.from({ length: 2 * POINTS }, (_, i) => random.normal(i));
    result = {
      w2: exactW2(draw(STEP.second), reference, 2),
      energy: exactW2(base, reference, 2) ** 2,
    };
  } else {
    const engine = await SimdBackend.create({ threads: 1 });
    const { points, pathEnergy } = await trainAndSample(engine, method, draw(STEP.training), seed, epochs);
    engine.destroy();
    result = { w2: exactW2(points, reference, 2), energy: pathEnergy };
  }
  const outcome: Outcome = { ...result, seconds: (performance.now() - begin) / 1000 };
  process.stdout.write(JSON.stringify(outcome));
}
