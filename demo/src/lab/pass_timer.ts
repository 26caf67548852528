/** Times every render pass of a device by its own clock, where it has one. */

/** Passes that are kept between two readings. */
const MOST_PASSES = 64;

export class PassTimer {
  private readonly set: GPUQuerySet;
  private readonly resolved: GPUBuffer;
  private readonly staging: GPUBuffer;
  private readonly create: GPUDevice['createCommandEncoder'];
  private passes = 0;

  /** @throws where the device has no feature 'timestamp-query' */
  constructor(private readonly device: GPUDevice) {
    const size = 16 * MOST_PASSES;
    this.set = device.createQuerySet({ type: 'timestamp', count: 2 * MOST_PASSES });
    this.resolved = device.createBuffer({
      size,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    this.staging = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    this.create = device.createCommandEncoder.bind(device);
    device.createCommandEncoder = (descriptor) => this.watched(this.create(descriptor));
  }

  private watched(encoder: GPUCommandEncoder): GPUCommandEncoder {
    const begin = encoder.beginRenderPass.bind(encoder);
    encoder.beginRenderPass = (descriptor) => {
      if (this.passes === MOST_PASSES) return begin(descriptor);
      const first = 2 * this.passes++;
      const timestampWrites = {
        querySet: this.set,
        beginningOfPassWriteIndex: first,
        endOfPassWriteIndex: first + 1,
      };
      return begin({ ...descriptor, timestampWrites });
    };
    return encoder;
  }

  /** Milliseconds of each pass since the last reading, in order. */
  async read(): Promise<number[]> {
    const { device, passes } = this;
    this.passes = 0;
    if (passes === 0) return [];
    const encoder = this.create();
    encoder.resolveQuerySet(this.set, 0, 2 * passes, this.resolved, 0);
    encoder.copyBufferToBuffer(this.resolved, 0, this.staging, 0, 16 * passes);
    device.queue.submit([encoder.finish()]);
    await this.staging.mapAsync(GPUMapMode.READ);
    const times = new BigUint64Array(this.staging.getMappedRange().slice(0, 16 * passes));
    this.staging.unmap();
    return Array.from({ length: passes }, (_, i) => Number(times[2 * i + 1] - times[2 * i]) / 1e6);
  }

  destroy(): void {
    this.device.createCommandEncoder = this.create;
    this.set.destroy();
    this.resolved.destroy();
    this.staging.destroy();
  }
}
