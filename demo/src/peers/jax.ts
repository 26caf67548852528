/** jax-js on the problem of a race; a training step is one jitted function. */
import {
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  nn,
  numpy as np,
  type Array as Tensor,
  tree,
  valueAndGrad,
} from '@jax-js/jax';
import { BLOCKS, type Problem, probes, type System, withTimes } from './problem.js';

/** Steps between two waits: the library asks for one now and then, and a wait after every step would cost it time. */
const STEPS_A_WAIT = 8;

export async function jax(problem: Problem, device: 'webgpu' | 'wasm' = 'webgpu'): Promise<System> {
  if (!(await init(device)).includes(device)) throw new Error(`jax-js does not start on ${device} here`);
  defaultDevice(device);
  const { batch, dim, tile, parameters, learningRate, timeStep } = problem;
  const tensor = (data: Float32Array, shape: readonly number[]) =>
    np.array(data as Float32Array<ArrayBuffer>, { shape: [...shape] });
  let w = parameters.map(({ values, shape }) => tensor(values, shape));
  let m = parameters.map(({ shape }) => np.zeros([...shape]));
  let v = parameters.map(({ shape }) => np.zeros([...shape]));
  const index = new Map(parameters.map(({ name }, i) => [name, i]));
  // Operations take their arguments over; `.ref` keeps one for another use.
  const forward = (weights: Tensor[], x: Tensor): Tensor => {
    const linear = (input: Tensor, name: string) =>
      np
        .matmul(input, weights[index.get(`${name}.weight`) as number].transpose())
        .add(weights[index.get(`${name}.bias`) as number]);
    let h = linear(x, 'input');
    for (let k = 0; k < BLOCKS; k++) {
      const gate = linear(h.ref, `blocks.${k}.gate`);
      const up = linear(h.ref, `blocks.${k}.up`);
      h = h.add(linear(nn.silu(gate).mul(up), `blocks.${k}.down`));
    }
    return linear(h, 'output');
  };
  const cost = (weights: Tensor[], x: Tensor, y: Tensor) =>
    np
      .square(forward(weights, x).sub(y))
      .sum()
      .mul(0.5 / batch);
  const step = jit((w: Tensor[], m: Tensor[], v: Tensor[], c1: Tensor, c2: Tensor, x: Tensor, y: Tensor) => {
    const [loss, gradients] = valueAndGrad(cost)(tree.ref(w), x, y) as [Tensor, Tensor[]];
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
  const euler = jit((weights: Tensor[], points: Tensor, x: Tensor) =>
    x.add(forward(weights, points).mul(timeStep)),
  );
  const x = tensor(
    withTimes(problem.x, (b) => problem.t[b], dim),
    [batch, dim + 1],
  );
  const y = tensor(problem.target, [batch, dim]);
  const points = tensor(
    withTimes(problem.start, () => 0, dim),
    [tile, dim + 1],
  );
  const start = tensor(problem.start, [tile, dim]);
  let done = 0;
  return {
    train: async (steps) => {
      let loss: Tensor | null = null;
      for (let k = 1; k <= steps; k++) {
        done++;
        const c1 = np.array(1 - 0.9 ** done);
        const c2 = np.array(1 - 0.999 ** done);
        const next = step(w, m, v, c1, c2, x.ref, y.ref) as {
          loss: Tensor;
          w: Tensor[];
          m: Tensor[];
          v: Tensor[];
        };
        loss?.dispose();
        ({ loss, w, m, v } = next);
        if (k % STEPS_A_WAIT === 0 || k === steps) await blockUntilReady(w);
      }
      return Number((await (loss as Tensor).data())[0]);
    },
    sample: async (steps) => {
      // Each step moves what the one before has moved: of steps whose results nobody asks for, the library leaves out
      // all but the last.
      let out = start.ref;
      for (let k = 1; k <= steps; k++) {
        out = euler(tree.ref(w), points.ref, out) as Tensor;
        if (k % STEPS_A_WAIT === 0) await blockUntilReady(out);
      }
      const rows = Math.ceil(probes(problem) / dim);
      const data = (await out.slice([0, rows]).data()) as Float32Array;
      return data.subarray(0, probes(problem));
    },
    destroy: () => {
      for (const tensor of [...w, ...m, ...v, x, y, points, start]) tensor.dispose();
    },
  };
}
