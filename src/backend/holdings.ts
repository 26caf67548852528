import type { Backend, Plan } from './backend.js';
import type { DeviceArray, DType } from './kernel.js';
import type { Trace } from './trace.js';

/** The arrays and plans that one object has on a backend, given back together. */
export class Holdings {
  private readonly arrays: DeviceArray[] = [];
  private readonly plans: Pick<Plan, 'destroy'>[] = [];

  constructor(private readonly engine: Backend) {}

  allocate(length: number, label: string, dtype: DType = 'float'): DeviceArray {
    const array = this.engine.allocate(length, label, dtype);
    this.arrays.push(array);
    return array;
  }

  async compile(trace: Trace, label: string): Promise<Plan> {
    return this.keep(await this.engine.compile(trace, label));
  }

  /** Takes over what someone else has made. */
  keep<P extends Pick<Plan, 'destroy'>>(plan: P): P {
    this.plans.push(plan);
    return plan;
  }

  release(): void {
    for (const plan of this.plans.splice(0)) plan.destroy();
    for (const array of this.arrays.splice(0)) this.engine.free(array);
  }

  /** Makes something of new holdings; where that fails, they are given back at once. */
  static async make<T>(engine: Backend, make: (held: Holdings) => Promise<T>): Promise<T> {
    const held = new Holdings(engine);
    try {
      return await make(held);
    } catch (error) {
      held.release();
      throw error;
    }
  }
}
