/** What the device does at most: multiply-adds that stay in registers, and a copy. */
import type { Row } from '../../demo/src/peers/race.js';
import { WebGpuBackend } from '../../src/webgpu/backend.js';

const WORKGROUP = 64;
/**
 * Chains of four numbers that depend on nothing but themselves. A card needs many, to hide how long an addition takes; a
 * processor has registers for few. What a peak is none has to know beforehand: the best counts.
 */
const CHAINS = [2, 3, 8] as const;
/** Turns of a loop that are written out, so that what counts them does not count. */
const UNROLLED = 8;
/** An adapter may have one of the two in software. */
const MULTIPLY_ADDS = [(sum: string) => `fma(${sum}, x, y)`, (sum: string) => `${sum} * x + y`] as const;
/** About how long a measurement takes, and how many there are: the best counts. */
const MEASUREMENT_MS = 200;
const MEASUREMENTS = 5;

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** `rounds` comes from a buffer, so that no compiler knows how often. */
const flopsShader = (chains: number, multiplyAdd: (sum: string) => string) => `
@group(0) @binding(0) var<storage, read> rounds: array<u32>;
@group(0) @binding(1) var<storage, read_write> out: array<vec4f>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
  let x = vec4f(0.999 + 1e-9 * f32(id.x));
  let y = vec4f(1e-3);
${range(chains)
  .map((i) => `  var sum${i} = vec4f(${i}.5);`)
  .join('\n')}
  for (var k = 0u; k < rounds[0]; k++) {
${range(UNROLLED * chains)
  .map((i) => `    sum${i % chains} = ${multiplyAdd(`sum${i % chains}`)};`)
  .join('\n')}
  }
  out[id.x] = ${range(chains)
    .map((i) => `sum${i}`)
    .join(' + ')};
}`;

const COPY_SHADER = `
@group(0) @binding(0) var<storage, read> from_: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> to: array<vec4f>;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < arrayLength(&to); i += ${WORKGROUP}u * groups.x) {
    to[i] = from_[i];
  }
}`;

/** Buffers by value: their names are the browser's, and Node has none. */
const [STORAGE, COPY_SOURCE, COPY_TARGET, MAP] = [0x80, 0x4, 0x8, 0x1];

class Measure {
  private readonly staging: GPUBuffer;
  private readonly pipeline: GPUComputePipeline;
  private readonly group: GPUBindGroup;

  constructor(
    private readonly device: GPUDevice,
    code: string,
    input: GPUBuffer,
    private readonly output: GPUBuffer,
    private readonly workgroups: number,
  ) {
    this.staging = device.createBuffer({ size: 16, usage: MAP | COPY_TARGET });
    const module = device.createShaderModule({ code });
    this.pipeline = device.createComputePipeline({ layout: 'auto', compute: { module, entryPoint: 'main' } });
    const entries = [input, output].map((buffer, binding) => ({ binding, resource: { buffer } }));
    this.group = device.createBindGroup({ layout: this.pipeline.getBindGroupLayout(0), entries });
  }

  /** Milliseconds until the first numbers of the output have been read back. */
  async run(dispatches: number): Promise<number> {
    const { device, staging } = this;
    const start = performance.now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(this.pipeline);
    pass.setBindGroup(0, this.group);
    for (let i = 0; i < dispatches; i++) pass.dispatchWorkgroups(this.workgroups);
    pass.end();
    encoder.copyBufferToBuffer(this.output, 0, staging, 0, 16);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(MAP);
    const time = performance.now() - start;
    staging.unmap();
    return time;
  }

  /** The fewest milliseconds of one dispatch. */
  async best(): Promise<number> {
    await this.run(1);
    let dispatches = 1;
    for (
      let ms = await this.run(1);
      ms < MEASUREMENT_MS / 4 && dispatches < 4096;
      ms = await this.run(dispatches)
    )
      dispatches *= 2;
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < MEASUREMENTS; i++) best = Math.min(best, (await this.run(dispatches)) / dispatches);
    return best;
  }
}

export interface Peaks {
  readonly gflops: number;
  /** Gigabytes a second, what is read and what is written together. */
  readonly gbytes: number;
}

export async function measurePeaks(): Promise<Peaks> {
  const backend = await WebGpuBackend.create();
  const device = backend.gpu;
  const buffers: GPUBuffer[] = [];
  const buffer = (size: number) => {
    const made = device.createBuffer({ size, usage: STORAGE | COPY_SOURCE | COPY_TARGET });
    buffers.push(made);
    return made;
  };
  try {
    const [invocations, rounds] = backend.software ? [256, 200] : [2 ** 20, 200];
    const count = buffer(16);
    device.queue.writeBuffer(count, 0, Uint32Array.of(rounds));
    const out = buffer(16 * invocations);
    let gflops = 0;
    for (const chains of CHAINS)
      for (const multiplyAdd of MULTIPLY_ADDS) {
        const shader = flopsShader(chains, multiplyAdd);
        const flops = 2 * 4 * chains * UNROLLED * rounds * invocations;
        const measure = new Measure(device, shader, count, out, invocations / WORKGROUP);
        gflops = Math.max(gflops, flops / (await measure.best()) / 1e6);
      }
    // Larger than any cache, if the device binds so much.
    const length = Math.min(backend.software ? 2 ** 26 : 2 ** 28, device.limits.maxStorageBufferBindingSize);
    // What a dimension of a dispatch holds.
    const groups = Math.min(65_535, length / 16 / WORKGROUP);
    const copy = new Measure(device, COPY_SHADER, buffer(length), buffer(length), groups);
    return { gflops, gbytes: (2 * length) / (await copy.best()) / 1e6 };
  } finally {
    for (const one of buffers) one.destroy();
    backend.destroy();
  }
}

export function peakRows({ gflops, gbytes }: Peaks, version: string): Row[] {
  const row = { version, median_ms: 0, ratio: 0 };
  return [
    { work: 'peak', system: 'multiply-adds in registers', ...row, gflops },
    { work: 'peak', system: 'copy', ...row, gflops: 0, gbytes },
  ];
}

const percent = (part: number): string => `${Number((100 * part).toPrecision(2))} %`;

/** How much of the peaks a row reaches. */
export function shareText({ gflops, gbytes = 0 }: Pick<Row, 'gflops' | 'gbytes'>, peaks: Peaks): string {
  const bytes = `${percent(gbytes / peaks.gbytes)} of the copy`;
  return gflops > 0 ? `${percent(gflops / peaks.gflops)} of the peak, ${bytes}` : bytes;
}
