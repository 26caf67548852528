import fs from 'node:fs';
import path from 'node:path';
import { TributaryError } from '../errors.js';

/**
 * Files on disk. A file that a run leaves behind is either the old one or the new one, never half of one, and
 * an error says in one line which file and why. Nothing else in this folder changes a file, and this does so by
 * single calls of the system alone, so that a test can end the program before, in the middle of and after each.
 */

/** What the system's error codes mean to someone who only knows which file they asked for. */
const REASONS: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file is larger than the system allows',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  EEXIST: 'a file of that name is in the way',
  ENOENT: 'there is no such file or folder',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its symbolic links form a loop',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  EIO: 'the disk reports an error',
  ERR_FS_EISDIR: 'it is a folder, not a file',
  ERR_FS_FILE_TOO_LARGE: 'the file is larger than can be read at once',
  ERR_INVALID_ARG_VALUE: 'the name has a character that no file name may have',
};

function explain(
  verb: 'read' | 'write' | 'create' | 'remove',
  target: string,
  error: unknown,
): TributaryError {
  const code = (error as NodeJS.ErrnoException)?.code ?? '';
  const reason = Object.hasOwn(REASONS, code)
    ? `${REASONS[code]} (${code})`
    : String((error as Error)?.message ?? error).split('\n')[0];
  return new TributaryError('io', `cannot ${verb} ${target}: ${reason}`, { cause: error });
}

/** Faults of the machine, whatever was asked of it; the others are of the name that was given. */
const FAULTS = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM']);

/** Whether an 'io' error is the machine's, and no other name of a file would have helped. */
export function isMachineFault({ cause }: TributaryError): boolean {
  return FAULTS.has((cause as NodeJS.ErrnoException | undefined)?.code ?? '');
}

function writeAll(descriptor: number, content: Uint8Array): void {
  for (let done = 0; done < content.length; ) {
    const written = fs.writeSync(descriptor, content, done);
    if (written === 0) throw new Error('the system writes nothing and gives no reason');
    done += written;
  }
}

/** Does something with an open file, and closes it. */
function withFile(file: string, flags: string, mode: number, work: (descriptor: number) => void): void {
  const descriptor = fs.openSync(file, flags, mode);
  try {
    work(descriptor);
  } catch (error) {
    try {
      fs.closeSync(descriptor);
    } catch {
      // What went wrong first is what the user has to know.
    }
    throw error;
  }
  fs.closeSync(descriptor);
}

let counter = 0;

/** A name for a moment: where its process is killed, the next run here removes the file. */
const temporaryName = (folder: string, name: string): string =>
  path.join(folder, `.${name}${process.pid}-${counter++}.tmp`);

const TEMPORARY = /^\.(?:.*\.)?(\d+)-\d+\.tmp$/;

/** What systems answer that cannot sync a folder, or not even open one: the data is safe anyway. */
const NO_FOLDER_SYNC = new Set(['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'EBADF', 'ENOTSUP', 'ENOSYS']);

/** A rename is only durable once the folder is. */
function syncFolder(folder: string): void {
  try {
    withFile(folder, 'r', 0, (descriptor) => fs.fsyncSync(descriptor));
  } catch (error) {
    if (!NO_FOLDER_SYNC.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/**
 * Replaces a file in one step: whoever reads `target`, even after a crash or on a full disk, finds the whole
 * old content or the whole new one. A symbolic link stays a link. What is not a regular file (a pipe,
 * /dev/stdout) is written to directly, since replacing it would destroy it.
 * @throws TributaryError 'io'; the temporary file is gone then
 */
export function writeAtomic(target: string, content: Uint8Array | string): void {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  let temporary: string | undefined;
  try {
    const existing = fs.statSync(target, { throwIfNoEntry: false });
    if (existing && !existing.isFile()) {
      withFile(target, 'w', 0o666, (descriptor) => writeAll(descriptor, bytes));
      return;
    }
    const real = existing ? fs.realpathSync(target) : target;
    const folder = path.dirname(real);
    const name = temporaryName(folder, `${path.basename(real).slice(0, 100)}.`);
    withFile(name, 'wx', existing?.mode ?? 0o666, (descriptor) => {
      temporary = name;
      writeAll(descriptor, bytes);
      fs.fsyncSync(descriptor);
    });
    fs.renameSync(name, real);
    temporary = undefined;
    syncFolder(folder);
  } catch (error) {
    if (temporary !== undefined) removeQuietly(temporary);
    throw explain('write', target, error);
  }
}

/** Where something has gone wrong already, a second error would hide it. */
function removeQuietly(file: string): void {
  try {
    fs.unlinkSync(file);
  } catch {
    // It stays, as after a kill: the next run here removes it.
  }
}

/**
 * Makes a file that must not be there yet.
 * @returns false where it is
 * @throws TributaryError 'io'; what was begun of the file is gone then
 */
export function createExclusive(file: string, content: string): boolean {
  let made = false;
  try {
    withFile(file, 'wx', 0o666, (descriptor) => {
      made = true;
      writeAll(descriptor, new TextEncoder().encode(content));
    });
    return true;
  } catch (error) {
    if (made) removeQuietly(file);
    else if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw explain('write', file, error);
  }
}

/** Whether another process of that number runs on this machine. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid < 1 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Removes the temporary files that killed processes have left in a folder.
 * @throws TributaryError 'io'
 */
export function removeLeftovers(folder: string): void {
  for (const name of namesIn(folder)) {
    const pid = TEMPORARY.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) removeIfPresent(path.join(folder, name));
  }
}

/**
 * The names of what is in a folder.
 * @throws TributaryError 'io'
 */
export function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    throw explain('read', folder, error);
  }
}

/**
 * The whole content of a file.
 * @throws TributaryError 'io'
 */
export function readFileOrExplain(file: string): Uint8Array {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    throw explain('read', file, error);
  }
}

/** One folder at a time: Node's recursive mkdir never returns where the system refuses with ENOENT, as in /proc. */
function makeFolders(folder: string): void {
  if (fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = path.dirname(folder);
  if (parent !== folder) makeFolders(parent);
  fs.mkdirSync(folder);
}

/**
 * Makes a folder, with its parents, and checks that files can be written into it, so that a run finds out
 * before its first step rather than after its last.
 * @throws TributaryError 'io'
 */
export function ensureOutputFolder(folder: string): void {
  try {
    makeFolders(path.resolve(folder));
    const probe = temporaryName(folder, '');
    withFile(probe, 'wx', 0o666, () => undefined);
    fs.unlinkSync(probe);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException)?.code;
    if (code === 'EEXIST') {
      throw new TributaryError('io', `cannot create ${folder}: it is a file, not a folder (EEXIST)`, {
        cause: error,
      });
    }
    throw explain('create', folder, error);
  }
}

/**
 * Adds lines to the end of a file, each with a line end, in one write: a reader never sees part of one.
 * @param lines without line ends
 * @throws TributaryError 'io'
 */
export function appendLines(file: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  try {
    const bytes = new TextEncoder().encode(`${lines.join('\n')}\n`);
    withFile(file, 'a', 0o666, (descriptor) => writeAll(descriptor, bytes));
  } catch (error) {
    throw explain('write', file, error);
  }
}

/**
 * Makes sure that what has been appended to a file survives a power cut. One that is not there is no error.
 * @throws TributaryError 'io'
 */
export function syncFile(file: string): void {
  try {
    if (!fs.existsSync(file)) return;
    withFile(file, 'r+', 0, (descriptor) => fs.fsyncSync(descriptor));
  } catch (error) {
    throw explain('write', file, error);
  }
}

/**
 * Removes a file; one that is not there is no error.
 * @throws TributaryError 'io'
 */
export function removeIfPresent(file: string): void {
  try {
    fs.unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw explain('remove', file, error);
  }
}
