import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';

/**
 * A disk on which everything that can happen to a program happens at a chosen operation: its process is killed
 * before, in the middle of or after it, the power goes, the system refuses it, or it does only a part. It is the real
 * file system below one folder; what changes a file there by any other call than those that are counted is an error.
 */

export interface Operation {
  readonly kind: 'open' | 'write' | 'sync' | 'close' | 'rename' | 'remove' | 'mkdir';
  readonly file: string;
  /** Whether the disk is another one afterwards. */
  readonly changes: boolean;
}

export type Fault =
  /** Nothing happens from operation `at` on: half of it with `half`, and without power what was not synced is lost. */
  | { readonly kind: 'kill'; readonly at: number; readonly half?: boolean; readonly power?: boolean }
  | { readonly kind: 'error'; readonly at: number; readonly code: string; readonly forever: boolean }
  /** Every write takes only a few bytes. */
  | { readonly kind: 'short' };

/** What a program sees in place of its own end: whatever it does about it, the disk stays as it is. */
class Killed extends Error {}

type Call = (...args: unknown[]) => unknown;

const real = { ...fs };
const realPromises = { ...fs.promises };

/** Calls that change files, other than those that are counted. */
const OTHER =
  /^(write|append|copy|cp|truncate|ftruncate|link|symlink|unlink|rm|rmdir|mkdir|mkdtemp|rename|open|createWrite|chmod|fchmod|lchmod|chown|fchown|lchown|utimes|futimes|lutimes|fsync|fdatasync)/;

export class Disk {
  /** What has happened since `begin`. */
  operations: Operation[] = [];
  /** Whether the fault has come. */
  struck = false;
  private fault: Fault | null = null;
  private dead = false;
  private readonly open = new Map<number, string>();
  /** Bytes of each file that a power cut would leave, where there are fewer than it has. */
  private readonly unsynced = new Map<string, number>();

  constructor(private readonly root: string) {}

  begin(fault: Fault | null): void {
    this.operations = [];
    this.fault = fault;
    this.struck = false;
    this.dead = false;
    this.unsynced.clear();
  }

  private inside(file: unknown): file is string {
    return typeof file === 'string' && path.resolve(file).startsWith(this.root);
  }

  private losePower(): void {
    for (const [file, size] of this.unsynced) {
      // Not `truncateSync`, which opens the file by a call that is counted.
      const descriptor = real.openSync(file, 'r+');
      real.ftruncateSync(descriptor, size);
      real.closeSync(descriptor);
    }
  }

  /** Does one operation, or what the fault makes of it. */
  private perform<T>(operation: Operation, work: () => T, half?: () => void): T {
    if (this.dead) throw new Killed('killed');
    const { fault } = this;
    const at = this.operations.push(operation) - 1;
    if (fault?.kind === 'kill' && at === fault.at) {
      this.struck = true;
      this.dead = true;
      if (fault.half) half?.();
      if (fault.power) this.losePower();
      throw new Killed('killed');
    }
    if (fault?.kind === 'error' && (fault.forever ? at >= fault.at : at === fault.at)) {
      this.struck = true;
      if (operation.kind === 'write') half?.();
      throw Object.assign(new Error(`${fault.code}: simulated`), { code: fault.code });
    }
    return work();
  }

  private readonly calls: Record<string, Call> = {
    openSync: (...args) => {
      const [file, flags] = args as [string, string];
      if (!this.inside(file)) return real.openSync(...(args as Parameters<typeof fs.openSync>));
      const existed = real.existsSync(file);
      const changes = flags !== 'r' && flags !== 'r+' && !(existed && flags !== 'w');
      return this.perform({ kind: 'open', file, changes }, () => {
        const descriptor = real.openSync(...(args as Parameters<typeof fs.openSync>));
        this.open.set(descriptor, file);
        if (!existed || flags === 'w') this.unsynced.set(file, 0);
        return descriptor;
      });
    },
    writeSync: (...args) => {
      const [descriptor, bytes, offset = 0] = args as [number, Uint8Array, number?];
      const file = this.open.get(descriptor);
      if (file === undefined) return real.writeSync(...(args as Parameters<typeof fs.writeSync>));
      const left = bytes.length - offset;
      const write = (count: number) => {
        if (!this.unsynced.has(file)) this.unsynced.set(file, real.fstatSync(descriptor).size);
        return real.writeSync(descriptor, bytes, offset, count);
      };
      return this.perform(
        { kind: 'write', file, changes: true },
        () => write(this.fault?.kind === 'short' ? Math.ceil(left / 3) : left),
        () => write(Math.floor(left / 2)),
      );
    },
    fsyncSync: (descriptor) => {
      const file = this.open.get(descriptor as number);
      if (file === undefined) return real.fsyncSync(descriptor as number);
      return this.perform({ kind: 'sync', file, changes: this.unsynced.has(file) }, () => {
        this.unsynced.delete(file);
      });
    },
    closeSync: (descriptor) => {
      const file = this.open.get(descriptor as number);
      if (file !== undefined && this.dead) return real.closeSync(descriptor as number);
      if (file === undefined) return real.closeSync(descriptor as number);
      this.open.delete(descriptor as number);
      // A system that reports an error here has closed the file all the same.
      real.closeSync(descriptor as number);
      return this.perform({ kind: 'close', file, changes: false }, () => undefined);
    },
    renameSync: (...args) => {
      const [from, to] = args as [string, string];
      if (!this.inside(to)) return real.renameSync(from, to);
      return this.perform({ kind: 'rename', file: to, changes: true }, () => {
        real.renameSync(from, to);
        const size = this.unsynced.get(from);
        this.unsynced.delete(from);
        this.unsynced.delete(to);
        if (size !== undefined) this.unsynced.set(to, size);
      });
    },
    unlinkSync: (...args) => {
      const [file] = args as [string];
      if (!this.inside(file)) return real.unlinkSync(...(args as Parameters<typeof fs.unlinkSync>));
      return this.perform({ kind: 'remove', file, changes: real.existsSync(file) }, () => {
        real.unlinkSync(...(args as Parameters<typeof fs.unlinkSync>));
        this.unsynced.delete(file);
      });
    },
    mkdirSync: (...args) => {
      const [file] = args as [string];
      if (!this.inside(file)) return real.mkdirSync(...(args as Parameters<typeof fs.mkdirSync>));
      return this.perform({ kind: 'mkdir', file, changes: true }, () =>
        real.mkdirSync(...(args as Parameters<typeof fs.mkdirSync>)),
      );
    },
  };

  /** Calls go through this disk until `remove`. */
  install(): void {
    Object.assign(fs, this.calls);
    for (const [all, target] of [
      [real, fs],
      [realPromises, fs.promises],
    ] as const) {
      for (const [name, call] of Object.entries(all)) {
        if (!OTHER.test(name) || (target === fs && name in this.calls)) continue;
        const guarded: Call = (...args) => {
          if (args.some((arg) => this.inside(arg) || (typeof arg === 'number' && this.open.has(arg))))
            throw new Error(`fs.${name} is not one of the calls that are counted`);
          return (call as Call)(...args);
        };
        Object.assign(target, { [name]: guarded });
      }
    }
    syncBuiltinESMExports();
  }

  remove(): void {
    for (const [all, target] of [
      [real, fs],
      [realPromises, fs.promises],
    ] as const)
      Object.assign(
        target,
        Object.fromEntries(Object.entries(all).filter(([name]) => OTHER.test(name) || name in this.calls)),
      );
    syncBuiltinESMExports();
  }
}
