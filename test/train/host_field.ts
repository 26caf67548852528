import type { Head } from '../../src/interpolant/heads.js';
import type { Model } from '../../src/model/model.js';
import type { HostField } from '../../src/samplers/integrate.js';

/**
 * A model's networks written out naively in float64, sharing nothing with the kernels.
 * @param labels [particles] of a conditional model
 */
export async function hostField(model: Model, labels?: Uint32Array): Promise<HostField> {
  const values = model.store.split((await model.engine.read(model.store.values)) as Float32Array);
  const { network: config } = model;
  const run = (
    head: Head,
    t: number,
    x: Float64Array,
    unlabelled: boolean,
    particles?: readonly number[],
  ): Float64Array => {
    const { dim } = config;
    const get = (name: string) => values.get(`${head}.${name}`) as Float32Array;
    const constant = (name: string) => model.constants.get(`${head}.${name}`)?.values ?? new Float64Array(0);
    const layer = (name: string, input: number[]) =>
      Array.from(get(`${name}.bias`), (bias, o) =>
        input.reduce((sum, value, i) => sum + value * get(`${name}.weight`)[o * input.length + i], bias),
      );
    const out = new Float64Array(x.length);
    for (let b = 0; b < x.length / dim; b++) {
      const point = Array.from(x.subarray(b * dim, (b + 1) * dim));
      const f = constant('point.frequency');
      const turns = Array.from(
        { length: config.pointFrequencies },
        (_, k) => 2 * Math.PI * point.reduce((sum, value, j) => sum + f[k * dim + j] * value, 0),
      );
      const phases = Array.from(constant('time.frequency'), (frequency) => 2 * Math.PI * frequency * t);
      const own = unlabelled ? config.classes : (labels?.[particles?.[b] ?? b] ?? 0);
      const embedding =
        config.classes > 0
          ? Array.from(get('label.weight').subarray(own * config.labelWidth, (own + 1) * config.labelWidth))
          : [];
      let h = layer('input', [
        ...point,
        ...turns.map(Math.sin),
        ...turns.map(Math.cos),
        t,
        ...phases.map(Math.sin),
        ...phases.map(Math.cos),
        ...embedding,
      ]);
      for (let k = 0; k < config.blocks; k++) {
        const up = layer(`blocks.${k}.up`, h);
        const a = layer(`blocks.${k}.gate`, h).map((g, i) => (g / (1 + Math.exp(-g))) * up[i]);
        const down = layer(`blocks.${k}.down`, a);
        h = h.map((value, i) => value + down[i]);
      }
      out.set(layer('output', h), dim * b);
    }
    return out;
  };
  return Object.fromEntries(
    (model.roles as readonly Head[]).map((head) => [
      head,
      (t: number, x: Float64Array, unlabelled: boolean, particles?: readonly number[]) =>
        run(head, t, x, unlabelled, particles),
    ]),
  );
}
