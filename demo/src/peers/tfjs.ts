/** TensorFlow.js on the problem of a race, with its WebGPU backend and its own optimiser. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-webgpu';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { BLOCKS, type Problem, probes, type System, withTimes } from './problem.js';

/** Steps between two waits, so that no queue of commands grows without bound. */
const STEPS_A_WAIT = 8;

export async function tfjs(problem: Problem): Promise<System> {
  if (!(await tf.setBackend('webgpu'))) throw new Error('the WebGPU backend of tfjs does not start here');
  await tf.ready();
  const { batch, dim, tile, parameters, learningRate, timeStep } = problem;
  const variables = new Map(
    parameters.map(({ name, shape, values }) => [
      name,
      tf.tidy(() => tf.variable(tf.tensor(values, [...shape]))),
    ]),
  );
  const linear = (x: tf.Tensor2D, name: string) =>
    tf.fused.matMul({
      a: x,
      b: variables.get(`${name}.weight`) as tf.Tensor2D,
      bias: variables.get(`${name}.bias`) as tf.Tensor1D,
      transposeB: true,
    }) as tf.Tensor2D;
  const forward = (x: tf.Tensor2D) => {
    let h = linear(x, 'input');
    for (let k = 0; k < BLOCKS; k++) {
      const gate = linear(h, `blocks.${k}.gate`);
      const up = linear(h, `blocks.${k}.up`);
      const a = tf.mul(tf.mul(gate, tf.sigmoid(gate)), up) as tf.Tensor2D;
      h = tf.add(h, linear(a, `blocks.${k}.down`)) as tf.Tensor2D;
    }
    return linear(h, 'output');
  };
  const x = tf.tensor2d(
    withTimes(problem.x, (b) => problem.t[b], dim),
    [batch, dim + 1],
  );
  const y = tf.tensor2d(problem.target, [batch, dim]);
  const adam = tf.train.adam(learningRate, 0.9, 0.999, 1e-8);
  const cost = () => tf.div(tf.sum(tf.square(tf.sub(forward(x), y))), 2 * batch) as tf.Scalar;
  const points = tf.tensor2d(
    withTimes(problem.start, () => 0, dim),
    [tile, dim + 1],
  );
  const start = tf.tensor2d(problem.start, [tile, dim]);
  return {
    train: async (steps) => {
      let value = Number.NaN;
      for (let k = 1; k <= steps; k++) {
        const loss = adam.minimize(cost, true, [...variables.values()]) as tf.Scalar;
        if (k % STEPS_A_WAIT === 0 || k === steps) value = (await loss.data())[0];
        loss.dispose();
      }
      return value;
    },
    sample: async (steps) => {
      let first = new Float32Array(0);
      const rows = Math.ceil(probes(problem) / dim);
      for (let k = 1; k <= steps; k++) {
        const out = tf.tidy(() => tf.add(start, tf.mul(forward(points), timeStep)) as tf.Tensor2D);
        if (k % STEPS_A_WAIT === 0 || k === steps) {
          const part = tf.slice(out, [0, 0], [rows, dim]);
          first = (await part.data()) as Float32Array<ArrayBuffer>;
          part.dispose();
        }
        out.dispose();
      }
      return first.subarray(0, probes(problem));
    },
    destroy: () => {
      for (const tensor of [...variables.values(), x, y, points, start]) tensor.dispose();
      adam.dispose();
    },
  };
}
