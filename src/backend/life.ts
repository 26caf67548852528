/** Whether an engine still lives, and the promises that must not hang when it does not. */
import type { TributaryError } from '../errors.js';

/** A promise whose failure ends no process where nobody comes back for it. */
export function unheard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

export class Life {
  private ended: TributaryError | null = null;
  private readonly waiting = new Set<(error: TributaryError) => void>();

  /** Why nothing works any more, or null. */
  get failure(): TributaryError | null {
    return this.ended;
  }

  /** Throws once the device or a thread is lost, or the backend destroyed. */
  check(): void {
    if (this.ended) throw this.ended;
  }

  /** Ends it: every guarded promise, pending or later, rejects with `error`. The first reason stays. */
  end(error: TributaryError): void {
    this.ended ??= error;
    for (const reject of this.waiting) reject(this.ended);
    this.waiting.clear();
  }

  /**
   * The promise, or the end if that comes first. (Promise.race would keep a reaction for every promise ever
   * raced against one that settles only at the end.)
   */
  guard<T>(promise: Promise<T>): Promise<T> {
    if (this.ended) {
      unheard(promise);
      return Promise.reject(this.ended);
    }
    return new Promise<T>((resolve, reject) => {
      this.waiting.add(reject);
      promise.then(
        (value) => {
          this.waiting.delete(reject);
          resolve(value);
        },
        (error: unknown) => {
          this.waiting.delete(reject);
          reject(this.ended ?? error);
        },
      );
    });
  }
}
