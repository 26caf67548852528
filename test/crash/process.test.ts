import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** The built program in a process of its own, ended by SIGKILL where the disk has been half changed. */

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'tributary-kill-'));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const program = fileURLToPath(new URL('../../bin/tributary.js', import.meta.url));
const preload = new URL('./preload.mjs', import.meta.url).href;

interface End {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

function run(words: readonly string[], env: Record<string, string> = {}): Promise<End> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', preload, program, ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, CRASH_ROOT: root, ...env },
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stderr }));
  });
}

const train = (out: string, own: readonly string[] = []) => [
  ...['train', '--data', 'gaussian-2', '--rows', '8', '--steps', '4', '--batch', '4', '--hidden', '4'],
  ...['--checkpoint-every', '2', ...own, '--out', path.join(root, out)],
];

const bytes = (out: string) =>
  Object.fromEntries(
    ['config.json', 'model.safetensors', 'optimizer.safetensors', 'train.jsonl'].map((name) => [
      name,
      fs.readFileSync(path.join(root, out, name), 'latin1'),
    ]),
  );

let whole: ReturnType<typeof bytes>;
let calls: string[];
beforeAll(async () => {
  const list = path.join(root, 'calls');
  expect((await run(train('whole'), { CRASH_LIST: list })).code).toBe(0);
  whole = bytes('whole');
  calls = fs.readFileSync(list, 'utf8').split('\n');
});

it.each([
  ['between the two files of the last checkpoint', /^open .*\.model\.safetensors\./, false],
  ['in the middle of the model', /^write .*\.model\.safetensors\./, true],
  ['in the middle of the state', /^write .*\.optimizer\.safetensors\./, true],
  ['before the state is there', /^rename .*optimizer\.safetensors$/, false],
  ['in the middle of a line of the log', /^write .*train\.jsonl$/, true],
  ['in the middle of the lock', /^write .*\.lock$/, true],
])('killed %s, a resume ends with the bits of an uninterrupted run', async (_, call, half) => {
  const at = calls.findLastIndex((text) => call.test(text));
  expect(at).toBeGreaterThan(0);
  const out = `killed-${at}`;
  const killed = await run(train(out), { CRASH_AT: String(at), ...(half ? { CRASH_HALF: '1' } : {}) });
  expect(killed.signal).toBe('SIGKILL');
  const again = await run(['train', '--resume', '--out', path.join(root, out)]);
  // Before its config is there a run is begun once more.
  const end = /holds no run/.test(again.stderr) ? await run(train(out)) : again;
  expect(end.stderr).not.toMatch(/tributary: /);
  expect(end.code).toBe(0);
  expect(bytes(out)).toEqual(whole);
  expect(fs.readdirSync(path.join(root, out)).filter((name) => /^\./.test(name))).toEqual([]);
});
