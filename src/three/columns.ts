import type { WebGPURenderer } from 'three/webgpu';
import {
  BufferAttribute,
  BufferGeometry,
  InstancedBufferAttribute,
  InstancedBufferGeometry,
} from 'three/webgpu';
import type { Backend } from '../backend/backend.js';
import { DeviceArray } from '../backend/kernel.js';
import { badInput } from '../errors.js';
import { adoptBuffer, releaseBuffer } from './adopt.js';
import { isGpuEngine } from './renderer.js';

/** Numbers to draw: an array of the engine's, used where it lies, or plain numbers, which are uploaded. */
export type Source = DeviceArray | Float32Array;

/** What the shaders read of each particle, and how many numbers that is; WGSL reserves `from`. */
const COLUMNS = { placeBefore: 2, placeAfter: 2, value: 1 } as const;

type Column = keyof typeof COLUMNS;

/** Corners of a sprite: the triangle around the unit disc, which takes half the work of a square. */
const CORNERS = [-Math.sqrt(3), -1, 0, Math.sqrt(3), -1, 0, 0, 2, 0];

/**
 * The particles' columns as vertex attributes, twice over the same memory: an instance a particle for sprites,
 * a vertex a particle for single pixels.
 */
export class Columns {
  readonly sprites = new InstancedBufferGeometry();
  readonly points = new BufferGeometry();
  private readonly adopted = new Set<BufferAttribute>();
  private readonly shown = new Map<Column, Source>();

  /** @param count particles; for another number make others */
  constructor(
    private readonly renderer: WebGPURenderer,
    private readonly engine: Backend,
    readonly count: number,
  ) {
    this.sprites.setAttribute('position', new BufferAttribute(Float32Array.from(CORNERS), 3));
    this.sprites.instanceCount = count;
    this.points.setDrawRange(0, count);
  }

  /** Lets a column show `source` from the next frame on; on a device that is the change of a reference. */
  set(column: Column, source: Source): void {
    if (this.shown.get(column) === source) return;
    const width = COLUMNS[column];
    const length = source.length;
    if (length < this.count * width) {
      badInput(`${this.count} particles need ${this.count * width} numbers to draw, got ${length}`);
    }
    this.shown.set(column, source);
    if (source instanceof DeviceArray) this.setDevice(column, width, source);
    else this.setHost(column, width, source);
  }

  private setDevice(column: Column, width: number, array: DeviceArray): void {
    const { engine } = this;
    if (!isGpuEngine(engine))
      badInput('this engine’s arrays lie on no device: read them, and give the numbers');
    const { buffer, offset } = engine.bufferOf(array);
    if (offset !== 0)
      badInput(`${array.label} begins inside a larger buffer; three.js draws from its start only`);
    for (const geometry of [this.sprites, this.points]) {
      let attribute = geometry.attributes[column] as BufferAttribute | undefined;
      if (attribute === undefined || !this.adopted.has(attribute)) {
        attribute = this.replace(geometry, column, new Float32Array(0), width);
        this.adopted.add(attribute);
      }
      adoptBuffer(this.renderer, attribute, buffer, this.count);
    }
  }

  private setHost(column: Column, width: number, numbers: Float32Array): void {
    for (const geometry of [this.sprites, this.points]) {
      let attribute = geometry.attributes[column] as BufferAttribute | undefined;
      if (attribute === undefined || this.adopted.has(attribute)) {
        attribute = this.replace(geometry, column, new Float32Array(this.count * width), width);
      }
      (attribute.array as Float32Array).set(numbers.subarray(0, this.count * width));
      attribute.needsUpdate = true;
    }
  }

  private replace(
    geometry: BufferGeometry,
    column: Column,
    array: Float32Array,
    width: number,
  ): BufferAttribute {
    const old = geometry.attributes[column] as BufferAttribute | undefined;
    if (old !== undefined) {
      this.release(old);
      old.dispose();
    }
    const instanced = geometry === this.sprites;
    const attribute = instanced
      ? new InstancedBufferAttribute(array, width)
      : new BufferAttribute(array, width);
    geometry.setAttribute(column, attribute);
    return attribute;
  }

  private release(attribute: BufferAttribute): void {
    if (this.adopted.delete(attribute)) releaseBuffer(this.renderer, attribute);
  }

  /** Gives the engine's buffers back untouched and frees the rest. Call it before `renderer.dispose()`. */
  dispose(): void {
    for (const attribute of [...this.adopted]) this.release(attribute);
    this.sprites.dispose();
    this.points.dispose();
  }
}
