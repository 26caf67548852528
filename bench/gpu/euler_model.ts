/** The network of a race, with its Euler step, as a model of ONNX. */
import { BLOCKS, type Problem } from '../../demo/src/peers/problem.js';
import { encodeOnnx, type OnnxNode, type OnnxTensor } from './onnx.js';

/** One Euler step: points [tile, dim + 1] (with their times) and x [tile, dim] to x + timeStep·f(points). */
export function eulerModel({ dim, tile, timeStep, parameters }: Problem): Uint8Array {
  const nodes: OnnxNode[] = [];
  const add = (op: string, inputs: readonly string[], output: string, attributes = {}) => {
    nodes.push({ op, inputs, output, attributes });
    return output;
  };
  const linear = (input: string, name: string) =>
    add('Gemm', [input, `${name}.weight`, `${name}.bias`], name, { transB: 1 });
  let h = linear('points', 'input');
  for (let k = 0; k < BLOCKS; k++) {
    const gate = linear(h, `blocks.${k}.gate`);
    const up = linear(h, `blocks.${k}.up`);
    const silu = add('Mul', [gate, add('Sigmoid', [gate], `${gate}.sigmoid`)], `${gate}.silu`);
    const inner = add('Mul', [silu, up], `blocks.${k}.inner`);
    h = add('Add', [h, linear(inner, `blocks.${k}.down`)], `blocks.${k}`);
  }
  const velocity = linear(h, 'output');
  add('Add', ['x', add('Mul', [velocity, 'timeStep'], 'move')], 'moved');
  const step: OnnxTensor = { name: 'timeStep', shape: [1], values: Float32Array.of(timeStep) };
  return encodeOnnx({
    nodes,
    constants: [...parameters, step],
    inputs: [
      { name: 'points', shape: [tile, dim + 1] },
      { name: 'x', shape: [tile, dim] },
    ],
    outputs: [{ name: 'moved', shape: [tile, dim] }],
  });
}
