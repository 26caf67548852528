import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { LoadedProblem, System } from './problem.js';

/** jax-js with its WebAssembly backend; a training step is one jitted function. */
export async function jax(problem: LoadedProblem): Promise<System> {
  const {
    blockUntilReady,
    defaultDevice,
    init,
    jit,
    nn,
    numpy: np,
    tree,
    valueAndGrad,
  } = await import('@jax-js/jax');
  type Value = import('@jax-js/jax').Array;
  await init('wasm');
  defaultDevice('wasm');
  const { batch, dim, parameters, learningRate, particles } = problem;
  const tensor = (data: Float32Array, shape: readonly number[]) =>
    np.array(data as Float32Array<ArrayBuffer>, { shape: [...shape] });
  let p = parameters.map(({ name, shape }) => tensor(problem.values.get(name) as Float32Array, shape));
  let m = parameters.map(({ shape }) => np.zeros([...shape]));
  let v = parameters.map(({ shape }) => np.zeros([...shape]));
  const index = new Map(parameters.map(({ name }, i) => [name, i]));
  // Operations take their arguments over; `.ref` keeps one for another use.
  const forward = (w: Value[], x: Value): Value => {
    const linear = (input: Value, name: string) =>
      np
        .matmul(input, w[index.get(`${name}.weight`) as number].transpose())
        .add(w[index.get(`${name}.bias`) as number]);
    let h = linear(x, 'input');
    for (const k of [0, 1]) {
      const gate = linear(h.ref, `blocks.${k}.gate`);
      const up = linear(h.ref, `blocks.${k}.up`);
      h = h.add(linear(nn.silu(gate).mul(up), `blocks.${k}.down`));
    }
    return linear(h, 'output');
  };
  const cost = (w: Value[], x: Value, y: Value) =>
    np
      .square(forward(w, x).sub(y))
      .sum()
      .mul(0.5 / batch);
  const step = jit((w: Value[], m: Value[], v: Value[], c1: Value, c2: Value, x: Value, y: Value) => {
    const [loss, gradients] = valueAndGrad(cost)(tree.ref(w), x, y) as [Value, Value[]];
    const m1 = m.map((m, i) => m.mul(0.9).add(gradients[i].ref.mul(0.1)));
    const v1 = v.map((v, i) => v.mul(0.999).add(np.square(gradients[i]).mul(0.001)));
    const w1 = w.map((w, i) => {
      const root = np.sqrt(v1[i].ref.div(c2.ref)).add(1e-8);
      return w.sub(m1[i].ref.div(c1.ref).div(root).mul(learningRate));
    });
    c1.dispose();
    c2.dispose();
    return { loss, w: w1, m: m1, v: v1 };
  });
  const run = jit(forward);
  const x = tensor(problem.input, [batch, dim + 1]);
  const y = tensor(problem.target, [batch, dim]);
  const points = particles > 0 ? np.zeros([particles, dim + 1]) : null;
  let last: Value | null = null;
  let done = 0;
  const folder = dirname(createRequire(import.meta.url).resolve('@jax-js/jax'));
  const { version } = JSON.parse(readFileSync(join(folder, '..', 'package.json'), 'utf8'));
  return {
    version: `${version} (wasm)`,
    train: async (steps) => {
      const start = performance.now();
      for (let k = 0; k < steps; k++) {
        done++;
        const c1 = np.array(1 - 0.9 ** done);
        const c2 = np.array(1 - 0.999 ** done);
        const next = step(p, m, v, c1, c2, x.ref, y.ref) as {
          loss: Value;
          w: Value[];
          m: Value[];
          v: Value[];
        };
        last?.dispose();
        last = next.loss;
        p = next.w;
        m = next.m;
        v = next.v;
        await blockUntilReady(p);
      }
      return performance.now() - start;
    },
    loss: async () => Number((await (last as Value).ref.data())[0]),
    sample: async () => {
      const start = performance.now();
      const out = run(tree.ref(p), (points as Value).ref) as Value;
      await blockUntilReady(out);
      const time = performance.now() - start;
      out.dispose();
      return time;
    },
  };
}
