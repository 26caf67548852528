import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

export const PYTHON = process.env.PYTHON ?? 'python3';

export function hasTorch(): boolean {
  return spawnSync(PYTHON, ['-c', 'import torch']).status === 0;
}

interface Answer {
  version?: string;
  ms?: number;
  loss?: number;
  gflops?: number;
}

/** A system in a process of its own, idle but for what it is asked. */
export class Remote {
  version = '';
  private readonly waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  private ended: Error | null = null;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      // Libraries may greet on stdout.
      if (line.startsWith('{')) this.waiting.shift()?.resolve(JSON.parse(line) as Answer);
    });
    child.on('exit', (code) => {
      this.ended = new Error(`${name} exited with code ${code}`);
      for (const { reject } of this.waiting.splice(0)) reject(this.ended);
    });
  }

  static async start(
    name: string,
    command: string,
    args: readonly string[],
    cwd = process.cwd(),
  ): Promise<Remote> {
    const child = spawn(command, [...args], { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
    const remote = new Remote(name, child);
    remote.version = (await remote.next()).version ?? '';
    return remote;
  }

  private next(): Promise<Answer> {
    if (this.ended !== null) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  ask(request: object): Promise<Answer> {
    const answer = this.next();
    this.child.stdin?.write(`${JSON.stringify(request)}\n`);
    return answer;
  }

  stop(): void {
    this.child.kill();
  }
}
