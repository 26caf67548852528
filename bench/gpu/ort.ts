/** onnxruntime-web's WebGPU on the problem of a race: sampling alone, for it does not train. */
import * as ort from 'onnxruntime-web/webgpu';
import { type Problem, probes, type System, withTimes } from '../../demo/src/peers/problem.js';
import { eulerModel } from './euler_model.js';
import { ORT_PATH } from './ort_path.js';

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
