import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { appendLines, ensureOutputFolder, readFileOrExplain, writeAtomic } from '../../src/cli/files.js';
import { TributaryError } from '../../src/errors.js';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tributary-files-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** The one line that a user would see. */
function ioError(action: () => void): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(TributaryError);
    expect(error).toMatchObject({ code: 'io' });
    expect((error as Error).message).not.toContain('\n');
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

function failWith(method: 'writeSync' | 'fsyncSync' | 'renameSync', code: string, after = 0): void {
  const real = fs[method] as (...args: unknown[]) => unknown;
  let calls = 0;
  vi.spyOn(fs, method).mockImplementation(((...args: unknown[]) => {
    if (calls++ < after) return real(...args);
    throw Object.assign(new Error(`${code}: simulated`), { code });
  }) as never);
}

describe('writeAtomic', () => {
  it('writes bytes and text, and replaces what was there', () => {
    const file = path.join(folder, 'a.bin');
    writeAtomic(file, Uint8Array.of(1, 2, 3));
    expect([...readFileOrExplain(file)]).toEqual([1, 2, 3]);
    writeAtomic(file, 'grün\n');
    expect(fs.readFileSync(file, 'utf8')).toBe('grün\n');
    writeAtomic(file, '');
    expect(fs.statSync(file).size).toBe(0);
    expect(fs.readdirSync(folder)).toEqual(['a.bin']);
  });

  it('goes on where the system wrote only a part', () => {
    const real = fs.writeSync;
    vi.spyOn(fs, 'writeSync').mockImplementation(((descriptor: number, bytes: Uint8Array, offset: number) =>
      real(descriptor, bytes, offset, Math.min(7, bytes.length - offset))) as never);
    const file = path.join(folder, 'a.bin');
    writeAtomic(file, 'a text of more than seven bytes');
    expect(fs.readFileSync(file, 'utf8')).toBe('a text of more than seven bytes');
  });

  it.each<['writeSync' | 'fsyncSync' | 'renameSync', string, string]>([
    ['writeSync', 'ENOSPC', 'the disk is full (ENOSPC)'],
    ['fsyncSync', 'EIO', 'the disk reports an error (EIO)'],
    ['renameSync', 'EROFS', 'the file system is read-only (EROFS)'],
  ])('keeps the old file and leaves nothing behind when %s fails', (method, code, reason) => {
    const file = path.join(folder, 'model.safetensors');
    writeAtomic(file, 'old');
    failWith(method, code);
    expect(ioError(() => writeAtomic(file, 'new'))).toBe(`cannot write ${file}: ${reason}`);
    expect(fs.readdirSync(folder)).toEqual(['model.safetensors']);
    expect(fs.readFileSync(file, 'utf8')).toBe('old');
  });

  it('keeps links and permissions', () => {
    const file = path.join(folder, 'real.txt');
    const link = path.join(folder, 'link.txt');
    fs.writeFileSync(file, 'old', { mode: 0o640 });
    fs.symlinkSync(file, link);
    writeAtomic(link, 'new');
    expect(fs.lstatSync(link).isSymbolicLink()).toBe(true);
    expect(fs.readFileSync(file, 'utf8')).toBe('new');
    expect(fs.statSync(file).mode & 0o777).toBe(0o640);
  });

  it('writes to devices instead of replacing them, and notices that one is full', () => {
    writeAtomic('/dev/null', 'gone');
    expect(fs.statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(ioError(() => writeAtomic('/dev/full', 'x'))).toBe(
      'cannot write /dev/full: the disk is full (ENOSPC)',
    );
    expect(fs.statSync('/dev/full').isCharacterDevice()).toBe(true);
  });

  it('explains a folder, a file used as a folder, a missing folder and a read-only one', () => {
    const file = path.join(folder, 'file');
    writeAtomic(file, 'x');
    expect(ioError(() => writeAtomic(folder, 'x'))).toBe(
      `cannot write ${folder}: it is a folder, not a file (EISDIR)`,
    );
    const inside = path.join(file, 'a.csv');
    expect(ioError(() => writeAtomic(inside, 'x'))).toBe(
      `cannot write ${inside}: a part of the path is a file, not a folder (ENOTDIR)`,
    );
    const missing = path.join(folder, 'no', 'a.csv');
    expect(ioError(() => writeAtomic(missing, 'x'))).toBe(
      `cannot write ${missing}: there is no such file or folder (ENOENT)`,
    );
    expect(ioError(() => writeAtomic('/proc/a.csv', 'x'))).toMatch(
      /^cannot write \/proc\/a\.csv: .+ \(E[A-Z]+\)$/,
    );
    expect(ioError(() => writeAtomic(path.join(folder, 'x'.repeat(300)), 'x'))).toContain(
      'the name is too long',
    );
    expect(ioError(() => writeAtomic(path.join(folder, 'a\0b'), 'x'))).toContain('no file name may have');
  });
});

describe('reading, appending, folders', () => {
  it('explains why a file cannot be read', () => {
    const missing = path.join(folder, 'no.npy');
    expect(ioError(() => readFileOrExplain(missing))).toBe(
      `cannot read ${missing}: there is no such file or folder (ENOENT)`,
    );
    expect(ioError(() => readFileOrExplain(folder))).toBe(
      `cannot read ${folder}: it is a folder, not a file (EISDIR)`,
    );
  });

  it('appends whole lines', () => {
    const file = path.join(folder, 'train.jsonl');
    appendLines(file, ['1', '2']);
    appendLines(file, []);
    appendLines(file, ['3']);
    expect(fs.readFileSync(file, 'utf8')).toBe('1\n2\n3\n');
    expect(ioError(() => appendLines('/dev/full', ['x']))).toContain('the disk is full');
  });

  it('makes folders and refuses those that cannot be written to', () => {
    const nested = path.join(folder, 'a', 'b');
    ensureOutputFolder(nested);
    ensureOutputFolder(nested);
    expect(fs.readdirSync(nested)).toEqual([]);
    const file = path.join(folder, 'file');
    fs.writeFileSync(file, '');
    expect(ioError(() => ensureOutputFolder(file))).toBe(
      `cannot create ${file}: it is a file, not a folder (EEXIST)`,
    );
    expect(ioError(() => ensureOutputFolder(path.join(file, 'out')))).toContain(
      'a part of the path is a file',
    );
    expect(ioError(() => ensureOutputFolder('/proc'))).toMatch(/^cannot create \/proc: .+ \(E[A-Z]+\)$/);
  });
});
