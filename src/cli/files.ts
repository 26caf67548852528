import fs from 'node:fs';
import path from 'node:path';
import { TributaryError } from '../errors.js';

/**
 * Files on disk. A file that a run leaves behind is either the old one or the new one, never half of one, and
 * an error says in one line which file and why.
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

function writeAll(descriptor: number, content: Uint8Array): void {
  for (let done = 0; done < content.length; ) done += fs.writeSync(descriptor, content, done);
}

let counter = 0;

/** A rename is only durable once the folder is; not every system can sync one, and the data is safe anyway. */
function syncFolder(folder: string): void {
  try {
    const descriptor = fs.openSync(folder, 'r');
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    // Windows cannot open a folder.
  }
}

function writeAndSync(file: string, flags: string, content: Uint8Array, sync: boolean): void {
  const descriptor = fs.openSync(file, flags);
  try {
    writeAll(descriptor, content);
    if (sync) fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
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
      writeAndSync(target, 'w', bytes, false);
      return;
    }
    const real = existing ? fs.realpathSync(target) : target;
    const folder = path.dirname(real);
    const name = path.join(folder, `.${path.basename(real).slice(0, 100)}.${process.pid}-${counter++}.tmp`);
    const descriptor = fs.openSync(name, 'wx', existing?.mode ?? 0o666);
    temporary = name;
    fs.closeSync(descriptor);
    writeAndSync(name, 'r+', bytes, true);
    fs.renameSync(name, real);
    temporary = undefined;
    syncFolder(folder);
  } catch (error) {
    if (temporary !== undefined) fs.rmSync(temporary, { force: true });
    throw explain('write', target, error);
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
    const probe = path.join(folder, `.${process.pid}-${counter++}.tmp`);
    fs.writeFileSync(probe, '', { flag: 'wx' });
    fs.rmSync(probe);
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
    fs.appendFileSync(file, `${lines.join('\n')}\n`);
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
    fs.rmSync(file, { force: true });
  } catch (error) {
    throw explain('remove', file, error);
  }
}
