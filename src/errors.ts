/**
 * Errors that a user can act on. Each has a stable code, says in one line what is wrong, and, where there is
 * one, what would be right.
 */
export type ErrorCode =
  /** An argument, option or file content that cannot be used. The command line exits with 2. */
  | 'bad-input'
  /** A checkpoint that is damaged or belongs to another run. */
  | 'bad-checkpoint'
  /** A file that cannot be read or written. */
  | 'io'
  /** The user asked to stop. */
  | 'interrupted'
  /** A backend disagrees with the reference. */
  | 'mismatch'
  /** The loss is no longer a finite number. */
  | 'diverged'
  /** No WebGPU adapter, or the optional package that brings one to Node is missing. */
  | 'no-adapter'
  | 'device-lost'
  /** A thread of the CPU path died. */
  | 'worker-lost'
  | 'out-of-memory'
  | 'validation'
  | 'shader'
  /** A shape beyond what the device can hold, found before anything is allocated. */
  | 'limits'
  /** An object used after `destroy()`. */
  | 'destroyed';

export class TributaryError extends Error {
  override readonly name = 'TributaryError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Throws a `bad-input` error: `message` says what is wrong and what would be right. */
export function badInput(message: string): never {
  throw new TributaryError('bad-input', message);
}
