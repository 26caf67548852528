/** The densities of the tape against closed forms and quadrature. */
import { afterAll, describe, expect, it } from 'vitest';
import { combine } from '../../src/backend/contracts/combine.js';
import { Trace } from '../../src/backend/trace.js';
import { CpuBackend } from '../../src/cpu/backend.js';
import {
  gaussianLogDensity,
  gaussianSample,
  mixtureJoint,
  mixtureLogDensity,
} from '../../src/nn/ops/density.js';
import { reduceColumns } from '../../src/nn/ops/rows.js';
import { Tape, type Tensor } from '../../src/nn/tape.js';
import { upload } from '../backend/run.js';

const engine = new CpuBackend('f64');
afterAll(() => engine.destroy());

type Constant = (values: readonly number[], rows: number, cols: number) => Tensor;

/** What a recorded tensor holds. */
async function contentOf(record: (tape: Tape, constant: Constant) => Tensor): Promise<number[]> {
  const trace = new Trace();
  const tape = new Tape(trace);
  const { data, rows, cols } = record(tape, (values, r, c) =>
    tape.constant(upload(engine, 'constant', Float64Array.from(values)), r, c),
  );
  const n = rows * cols;
  const y = engine.allocate(n, 'kept');
  trace.call(combine, { x: data, z: data, y }, { n, a: 1, b: 0, c: 0, accumulate: 0 });
  await (await engine.compile(trace, 'value')).run(1);
  return Array.from(await engine.read(y));
}

/** The midpoints of a grid over [−side, side]², and the area of a cell. */
function grid(side: number, count: number) {
  const at = Array.from({ length: count }, (_, i) => -side + ((2 * i + 1) * side) / count);
  return { points: at.flatMap((x) => at.flatMap((y) => [x, y])), cell: ((2 * side) / count) ** 2 };
}

describe('a Gaussian’s log-density', () => {
  it('is the textbook’s, of a row each and of a row for all', async () => {
    // ln N(1; 0, 1) and ln N(3; 1, 4), written out.
    const [first, second] = [-0.5 * Math.log(2 * Math.PI) - 0.5, -0.5 * Math.log(8 * Math.PI) - 0.5];
    const own = await contentOf((tape, constant) =>
      gaussianLogDensity(
        tape,
        constant([1, 3], 2, 1),
        constant([0, 1], 2, 1),
        constant([0, Math.log(4)], 2, 1),
      ),
    );
    expect(own[0]).toBeCloseTo(first, 12);
    expect(own[1]).toBeCloseTo(second, 12);
    const shared = await contentOf((tape, constant) =>
      gaussianLogDensity(
        tape,
        constant([1, 3, 1, 3, 1, 3], 3, 2),
        constant([0, 1], 1, 2),
        constant([0, Math.log(4)], 1, 2),
      ),
    );
    for (const value of shared) expect(value).toBeCloseTo(first + second, 12);
  });

  it('of a sample is that of its noise, less the logarithm of what stretched it', async () => {
    const [mean, logvar, noise] = [
      [1, -2, 0.5, 3],
      [0.3, -1, 2, 0],
      [0.7, -1.3, 0.2, 2.1],
    ];
    const values = await contentOf((tape, constant) => {
      const [m, v] = [constant(mean, 2, 2), constant(logvar, 2, 2)];
      return gaussianLogDensity(tape, gaussianSample(tape, m, v, constant(noise, 2, 2)), m, v);
    });
    values.forEach((value, row) => {
      const [a, b] = [2 * row, 2 * row + 1];
      const standard = -Math.log(2 * Math.PI) - 0.5 * (noise[a] ** 2 + noise[b] ** 2);
      expect(value).toBeCloseTo(standard - 0.5 * (logvar[a] + logvar[b]), 12);
    });
  });
});

describe('a mixture’s log-density', () => {
  const { points, cell } = grid(9, 180);
  const rows = points.length / 2;
  const logits = [0.2, -1, 3];
  const means = [-2, 1, 3, 0, 0.5, -2];
  const logvars = [0, -0.5, 0.4, 0.1, -1, -0.2];

  it('integrates to 1, whatever is added to the logits', async () => {
    for (const shift of [0, 700]) {
      const density = await contentOf((tape, constant) =>
        mixtureLogDensity(tape, constant(points, rows, 2), {
          logits: constant(
            logits.map((logit) => logit + shift),
            1,
            3,
          ),
          mean: constant(means, 3, 2),
          logvar: constant(logvars, 3, 2),
        }),
      );
      const mass = density.reduce((sum, value) => sum + cell * Math.exp(value), 0);
      expect(mass).toBeCloseTo(1, 6);
    }
  });

  it('of one component is a Gaussian’s', async () => {
    const one = await contentOf((tape, constant) =>
      mixtureLogDensity(tape, constant(points, rows, 2), {
        logits: constant([5], 1, 1),
        mean: constant([1, -2], 1, 2),
        logvar: constant([0.5, -1], 1, 2),
      }),
    );
    const gaussian = await contentOf((tape, constant) =>
      gaussianLogDensity(tape, constant(points, rows, 2), constant([1, -2], 1, 2), constant([0.5, -1], 1, 2)),
    );
    one.forEach((value, i) => expect(Math.abs(value - gaussian[i])).toBeLessThan(1e-10));
  });

  it('of components that each row has for itself is the same where they are the same', async () => {
    const few = 6;
    const own = <T>(values: readonly T[]) => Array.from({ length: few }, () => values).flat();
    const x = points.slice(0, 2 * few);
    const shared = await contentOf((tape, constant) =>
      mixtureLogDensity(tape, constant(x, few, 2), {
        logits: constant(logits, 1, 3),
        mean: constant(means, 3, 2),
        logvar: constant(logvars, 3, 2),
      }),
    );
    const rowwise = await contentOf((tape, constant) =>
      mixtureLogDensity(tape, constant(x, few, 2), {
        logits: constant(own(logits), few, 3),
        mean: constant(own(means), few, 6),
        logvar: constant(own(logvars), few, 6),
      }),
    );
    shared.forEach((value, i) => expect(rowwise[i]).toBeCloseTo(value, 12));
  });

  it('stays finite a thousand deviations from every component', async () => {
    const [value] = await contentOf((tape, constant) =>
      mixtureLogDensity(tape, constant([1000, 0], 1, 2), {
        logits: constant([0, 0], 1, 2),
        mean: constant([0, 0, -5, 0], 2, 2),
        logvar: constant([0, 0, 0, 0], 2, 2),
      }),
    );
    expect(value).toBeCloseTo(-Math.log(2 * Math.PI) - Math.log(2) - 500_000, 6);
  });

  it('has the joint’s logsumexp; a sum of nothing but −∞ is −∞', async () => {
    const [nothing] = await contentOf((tape, constant) =>
      reduceColumns(tape, 'logsumexp', constant([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY], 1, 2)),
    );
    expect(nothing).toBe(Number.NEGATIVE_INFINITY);
    const joint = await contentOf((tape, constant) =>
      mixtureJoint(tape, constant([0, 0], 1, 2), {
        logits: constant([Math.log(1), Math.log(3)], 1, 2),
        mean: constant([0, 0, 1, 0], 2, 2),
        logvar: constant([0, 0, 0, 0], 2, 2),
      }),
    );
    expect(joint[0]).toBeCloseTo(Math.log(0.25) - Math.log(2 * Math.PI), 12);
    expect(joint[1]).toBeCloseTo(Math.log(0.75) - Math.log(2 * Math.PI) - 0.5, 12);
  });
});
