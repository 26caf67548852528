/** onnxruntime-web's WebGPU on the problem of a race: sampling alone, for it does not train. */
import * as ort from 'onnxruntime-web/webgpu';
import { BLOCKS, type Problem, probes, type System, withTimes } from '../../demo/src/peers/problem.js';
import { encodeOnnx, type OnnxNode, type OnnxTensor } from './onnx.js';
import { ORT_PATH } from './ort_path.js';

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

/** Steps between two waits, so that no queue of commands grows without bound. */
const STEPS_A_WAIT = 8;

/** The first numbers of a buffer, once everything that writes to it is done. */
async function readFirst(device: GPUDevice, buffer: GPUBuffer, count: number): Promise<Float32Array> {
  const staging = device.createBuffer({
    size: 4 * count,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, 4 * count);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const values = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return values;
}

/** A tensor that stays on the device. */
function upload(device: GPUDevice, data: Float32Array, dims: readonly number[]): ort.Tensor {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  // The runtime binds whole multiples of 16 bytes.
  const buffer = device.createBuffer({ size: Math.ceil(data.byteLength / 16) * 16, usage });
  device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>);
  return ort.Tensor.fromGpuBuffer(buffer, {
    dataType: 'float32',
    dims: [...dims],
    dispose: () => buffer.destroy(),
  });
}

export async function onnxruntime(problem: Problem): Promise<System> {
  ort.env.wasm.wasmPaths = ORT_PATH;
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(eulerModel(problem), {
    executionProviders: ['webgpu'],
    preferredOutputLocation: 'gpu-buffer',
  });
  const device = (await ort.env.webgpu.device) as GPUDevice;
  const { dim, tile } = problem;
  const points = upload(
    device,
    withTimes(problem.start, () => 0, dim),
    [tile, dim + 1],
  );
  const x = upload(device, problem.start, [tile, dim]);
  return {
    train: null,
    sample: async (steps) => {
      let first = new Float32Array(0);
      for (let k = 1; k <= steps; k++) {
        const { moved } = await session.run({ points, x });
        if (k % STEPS_A_WAIT === 0 || k === steps)
          first = (await readFirst(
            device,
            moved.gpuBuffer as GPUBuffer,
            probes(problem),
          )) as Float32Array<ArrayBuffer>;
        moved.dispose();
      }
      return first;
    },
    destroy: () => {
      points.dispose();
      x.dispose();
      void session.release();
    },
  };
}
