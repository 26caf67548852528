import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { LoadedProblem, System } from './problem.js';

const STEPS = 1;

/** TensorFlow.js with its WebAssembly backend; in Node that has SIMD but no threads. */
export async function tfjs(problem: LoadedProblem): Promise<System> {
  const tf = await import('@tensorflow/tfjs');
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));
  wasm.setWasmPaths(join(folder, 'wasm-out/'));
  if (!(await tf.setBackend('wasm'))) throw new Error('the wasm backend of tfjs did not start');
  const { batch, dim, parameters, values, particles } = problem;
  const variables = new Map(
    parameters.map(({ name, shape }) => [
      name,
      tf.variable(tf.tensor(values.get(name) as Float32Array, [...shape])),
    ]),
  );
  const get = (name: string) => variables.get(name) as import('@tensorflow/tfjs').Tensor;
  type Matrix = import('@tensorflow/tfjs').Tensor2D;
  const linear = (x: Matrix, name: string) =>
    tf.add(tf.matMul(x, get(`${name}.weight`) as Matrix, false, true), get(`${name}.bias`)) as Matrix;
  const forward = (x: Matrix) => {
    let h = linear(x, 'input');
    for (const k of [0, 1]) {
      const gate = linear(h, `blocks.${k}.gate`);
      const up = linear(h, `blocks.${k}.up`);
      const a = tf.mul(tf.mul(gate, tf.sigmoid(gate)), up) as Matrix;
      h = tf.add(h, linear(a, `blocks.${k}.down`)) as Matrix;
    }
    return linear(h, 'output');
  };
  const x = tf.tensor2d(problem.input, [batch, dim + 1]);
  const y = tf.tensor2d(problem.target, [batch, dim]);
  const adam = tf.train.adam(problem.learningRate, 0.9, 0.999, 1e-8);
  const cost = () =>
    tf.div(tf.sum(tf.square(tf.sub(forward(x), y))), 2 * batch) as import('@tensorflow/tfjs').Scalar;
  let last: import('@tensorflow/tfjs').Scalar | null = null;
  const points = particles > 0 ? tf.zeros([particles, dim + 1]) : null;
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return {
    version: `${version} (wasm, SIMD)`,
    train: async (steps) => {
      const start = performance.now();
      for (let k = 0; k < steps; k++) {
        last?.dispose();
        last = adam.minimize(cost, true, [...variables.values()]);
      }
      return performance.now() - start;
    },
    loss: async () => (await last?.data())?.[0] ?? Number.NaN,
    sample: async () => {
      const start = performance.now();
      // The backend computes as it is called; nothing has to be read to wait for it.
      for (let k = 0; k < STEPS; k++) tf.tidy(() => void forward(points as Matrix));
      return (performance.now() - start) / STEPS;
    },
  };
}
