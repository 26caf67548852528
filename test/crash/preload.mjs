import fs from 'node:fs';

/**
 * Loaded before the program (`--import`): counts its calls that change files below CRASH_ROOT, and kills its process
 * with SIGKILL before the one of number CRASH_AT, or in the middle of it with CRASH_HALF. Without a number it prints
 * the calls to the file CRASH_LIST at the end.
 */
const { CRASH_ROOT: root, CRASH_AT: at, CRASH_HALF: half, CRASH_LIST: list } = process.env;
const open = new Map();
const seen = [];
const real = { ...fs };

function count(kind, file, partly = () => undefined) {
  if (seen.push(`${kind} ${file.slice(root.length + 1)}`) - 1 !== Number(at ?? -1)) return;
  if (half) partly();
  process.kill(process.pid, 'SIGKILL');
  // The signal is on its way: nothing may happen in the meantime.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const below = (file) => typeof file === 'string' && file.startsWith(root);

fs.openSync = (file, ...rest) => {
  if (below(file)) count('open', file);
  const descriptor = real.openSync(file, ...rest);
  if (below(file)) open.set(descriptor, file);
  return descriptor;
};
fs.writeSync = (descriptor, bytes, offset = 0) => {
  const file = open.get(descriptor);
  if (file !== undefined)
    count('write', file, () => real.writeSync(descriptor, bytes, offset, (bytes.length - offset) >> 1));
  return real.writeSync(descriptor, bytes, offset);
};
fs.closeSync = (descriptor) => {
  open.delete(descriptor);
  return real.closeSync(descriptor);
};
fs.renameSync = (from, to) => {
  if (below(to)) count('rename', to);
  return real.renameSync(from, to);
};
fs.unlinkSync = (file) => {
  if (below(file)) count('remove', file);
  return real.unlinkSync(file);
};
if (list) process.on('exit', () => real.writeFileSync(list, seen.join('\n')));
