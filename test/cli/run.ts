import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const program = fileURLToPath(new URL('../../bin/tributary.js', import.meta.url));

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs the built program to its end; `during` may watch and signal it. */
export function tributary(args: readonly string[], during?: (child: ChildProcess) => void): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    during?.(child);
  });
}

/**
 * Runs it anew, `folder` emptied before, until the signal that `run` sends has met it on its way: beside busy processes
 * it may have ended before anybody looks.
 */
export async function caught(folder: string, run: () => Promise<Outcome>): Promise<Outcome> {
  for (;;) {
    const outcome = await run();
    if (outcome.signal !== null || outcome.code !== 0) return outcome;
    rmSync(folder, { recursive: true });
  }
}

/** A folder of the calling test file's own, removed after its tests. */
export function temporaryFolder(): (name?: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (name = '.') => join(folder, name);
}
