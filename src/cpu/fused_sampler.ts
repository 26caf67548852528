import { CLOCK } from '../backend/clock.js';
import {
  type fusedSampler as contract,
  networkLayout,
  type Placed,
  type PlacedLayer,
} from '../backend/contracts/fused.js';
import { UPDATE, UPDATE_COLUMNS } from '../backend/contracts/solver.js';
import { sinCosTurns } from '../random/normal.js';
import { CounterRandom } from '../random/random.js';
import type { Reference } from './reference.js';

/** y ← c_y y + Σ_i c_i k_i + c_ξ ξ with k_i = f(t_i, c_x y + Σ_{j<i} c_j k_j + c_ξ ξ), particle by particle */
export const fusedSampler: Reference<typeof contract> = (arrays, p) => {
  const { clock, table, parameters, pointFrequency, timeFrequency, label, x } = arrays;
  const { dim, stages, stride } = p;
  const layout = networkLayout(p);

  const row = ({ at, columns }: Placed, index: number): number[] =>
    Array.from(parameters.subarray(at + index * columns, at + (index + 1) * columns));

  /** W v + b */
  const linear = ({ weight, bias }: PlacedLayer, v: readonly number[]): number[] =>
    Array.from({ length: weight.rows }, (_, o) => {
      const at = weight.at + o * weight.columns;
      let sum = parameters[bias.at + o];
      for (let i = 0; i < v.length; i++) sum += parameters[at + i] * v[i];
      return sum;
    });

  /** v, sin 2π f_k·v …, cos 2π f_k·v … */
  const features = (v: readonly number[], frequency: ArrayLike<number>, count: number): number[] => {
    const waves = Array.from({ length: count }, (_, k) =>
      sinCosTurns(v.reduce((turns, value, j) => turns + frequency[k * v.length + j] * value, 0)),
    );
    return [...v, ...waves.map(([sin]) => sin), ...waves.map(([, cos]) => cos)];
  };

  const network = (t: number, point: readonly number[], own: number): number[] => {
    let h = linear(layout.input, [
      ...features(point, pointFrequency, p.pointFrequencies),
      ...features([t], timeFrequency, p.timeFrequencies),
      ...(layout.label ? row(layout.label, own) : []),
    ]);
    for (const { gate, up, down } of layout.blocks) {
      const g = linear(gate, h);
      const u = linear(up, h);
      const d = linear(
        down,
        g.map((value, i) => (value / (1 + Math.exp(-value))) * u[i]),
      );
      h = h.map((value, i) => value + d[i]);
    }
    return linear(layout.output, h);
  };

  for (let particle = p.first; particle < p.first + p.n; particle++) {
    const y = x.subarray(particle * dim, (particle + 1) * dim);
    for (let step = 0; step < p.steps; step++) {
      const at = (clock[CLOCK.row] + step) * stride;
      const slopes: number[][] = [];
      const random = new CounterRandom([p.seedLow, p.seedHigh], p.stream, clock[CLOCK.step] + step);
      /** own·y + Σ c_j k_j + c_ξ ξ by the block of coefficients that starts at `column` */
      const combine = (own: number, column: number): number[] =>
        Array.from(y, (value, j) => {
          const sum = slopes.reduce(
            (total, k, s) => total + table[column + UPDATE.k1 + s] * k[j],
            own * value,
          );
          const amplitude = table[column + UPDATE.noise];
          if (amplitude === 0) return sum;
          return sum + amplitude * random.normal((clock[CLOCK.particle] + particle) * dim + j);
        });
      const block = (s: number) => at + stages + s * UPDATE_COLUMNS;
      for (let s = 0; s < stages; s++) {
        const point = combine(table[block(s) + UPDATE.x], block(s));
        const own = (p.unlabelled >>> s) & 1 ? p.classes : label[particle];
        slopes.push(network(table[at + s], point, own));
      }
      y.set(combine(table[block(stages) + UPDATE.y], block(stages)));
    }
  }
};
