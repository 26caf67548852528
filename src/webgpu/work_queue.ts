/**
 * Keeps operations in the order in which they were issued although some of them wait: a write that comes after
 * a long run, which submits in portions, must not overtake the portions still to come.
 */
export class WorkQueue {
  private tail: Promise<void> | null = null;

  /** Runs the operation at once when nothing is ahead of it, otherwise after all that is. */
  add<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.tail ? this.tail.then(operation) : operation();
    const settled = result.then(
      () => undefined,
      () => undefined,
    );
    this.tail = settled;
    void settled.then(() => {
      if (this.tail === settled) this.tail = null;
    });
    return result;
  }

  /**
   * As `add`, for operations that never wait.
   * @param onError gets the error of a delayed operation; one that runs at once throws
   */
  addNow(operation: () => void, onError: (error: unknown) => void): void {
    if (this.tail === null) operation();
    else this.add(async () => operation()).catch(onError);
  }

  get idle(): boolean {
    return this.tail === null;
  }
}
