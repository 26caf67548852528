import { execFileSync } from 'node:child_process';
import { vi } from 'vitest';
import { main } from '../../src/cli/main.js';

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of the program in this process, one after the other: without a start of Node for each. */
export async function command(words: readonly string[]): Promise<Said> {
  const out: string[] = [];
  const err: string[] = [];
  const into = (list: string[]) => (chunk: string | Uint8Array) => {
    list.push(typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk));
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(into(out)),
    vi.spyOn(process.stderr, 'write').mockImplementation(into(err)),
  ];
  try {
    return { code: await main(words), stdout: out.join(''), stderr: err.join('') };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** The words that a shell makes of a printed command, without the program's name. */
export function wordsOf(line: string): string[] {
  const [npx, name, ...words] = execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
  if (npx !== 'npx' || name !== 'tributary') throw new Error(`not a command of tributary: ${line}`);
  return words;
}

/** A command that has to succeed, with what it printed as JSON. */
export async function json<T = Record<string, unknown>>(words: readonly string[]): Promise<T & Said> {
  const said = await command([...words, '--json']);
  if (said.code !== 0) throw new Error(`${words.join(' ')}: ${said.stderr}`);
  return { ...JSON.parse(said.stdout), ...said };
}
