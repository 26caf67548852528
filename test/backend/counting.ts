import type { Plan } from '../../src/backend/backend.js';
import type { DeviceArray, DType } from '../../src/backend/kernel.js';
import type { Trace } from '../../src/backend/trace.js';
import { CpuBackend } from '../../src/cpu/backend.js';

/** The reference, which counts what is alive on it and can be told to fail. */
export class CountingBackend extends CpuBackend {
  private readonly arrays = new Set<unknown>();
  private plans = 0;
  /** Called before every compilation and every read; what it throws is the failure. */
  fail: (work: 'compile' | 'read', label: string) => void = () => undefined;

  /** Arrays and plans that nobody has given back. */
  get alive(): number {
    return this.arrays.size + this.plans;
  }

  override allocate(length: number, label: string, dtype: DType = 'float'): DeviceArray {
    const array = super.allocate(length, label, dtype);
    this.arrays.add(array.storage);
    return array;
  }

  override free(array: DeviceArray): void {
    super.free(array);
    this.arrays.delete(array.storage);
  }

  override async read(array: DeviceArray) {
    this.fail('read', array.label);
    return super.read(array);
  }

  override async compile(trace: Trace, label: string): Promise<Plan> {
    this.fail('compile', label);
    const plan = await super.compile(trace, label);
    this.plans++;
    const { destroy } = plan;
    plan.destroy = () => {
      this.plans--;
      destroy.call(plan);
    };
    return plan;
  }
}
