/** How many are kept: a whole tile's, a rest's, and what was asked for before. */
const KEPT = 3;

/** What is compiled for a number of particles, made when first asked for: so that work follows that number. */
export class PlansByCount<T extends { destroy(): void }> {
  /** Used last at the end. */
  private readonly plans = new Map<number, T>();

  /** @param tile the number whose plans stay, for a renderer goes on with them */
  constructor(
    private readonly tile: number,
    private readonly make: (count: number) => Promise<T>,
  ) {}

  /** Those for `count`; what was used longest ago makes room. */
  async of(count: number): Promise<T> {
    const { plans } = this;
    const own = plans.get(count) ?? (await this.make(count));
    plans.delete(count);
    plans.set(count, own);
    const oldest = [...plans.keys()].find((key) => key !== this.tile);
    if (plans.size > KEPT && oldest !== undefined) {
      plans.get(oldest)?.destroy();
      plans.delete(oldest);
    }
    return own;
  }

  destroy(): void {
    for (const plans of this.plans.values()) plans.destroy();
    this.plans.clear();
  }
}
