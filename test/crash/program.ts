import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import { main } from '../../src/cli/main.js';
import { RunFolder } from '../../src/cli/run_folder.js';
import { asTrained } from '../../src/cli/trained_run.js';
import { decodeSafetensors } from '../../src/formats/safetensors.js';
import { modelConfig } from '../../src/run/trained.js';
import { decodeTrainingState } from '../../src/train/checkpoint.js';
import { Disk, type Fault, type Operation } from './disk.js';

/** The program in this process, on a disk that fails where it is told to. What is slow about it is mocked: `small.ts`. */

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly operations: readonly Operation[];
  readonly struck: boolean;
}

export type Snapshot = Readonly<Record<string, string>>;

/** Everything of a summary but times and places. */
function resultsOf(summary: string): string {
  const { seconds: _, out: __, ...rest } = JSON.parse(summary);
  return JSON.stringify(rest);
}

export function workshop() {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'tributary-crash-'));
  const data = path.join(root, 'data.csv');
  const config = path.join(root, 'small.json');
  // A folder of its own, as nothing else may be written below.
  const runs = path.join(root, 'runs');
  const disk = new Disk(runs);
  beforeAll(() => {
    fs.mkdirSync(runs);
    fs.writeFileSync(data, '0.1,0.2\n1,-1\n-2,0.5\n0.3,2\n1.5,1\n-1,-1\n');
    const parts = { network: { hidden: 4, inner: 4, blocks: 1 }, interpolant: { timeCells: 16 }, batch: 4 };
    const reflow = { rounds: 1, distil: true };
    fs.writeFileSync(config, JSON.stringify(parts));
    fs.writeFileSync(`${config}.rounds`, JSON.stringify({ ...parts, family: 'rectified-flow', reflow }));
    disk.install();
  });
  afterAll(() => {
    disk.remove();
    fs.rmSync(root, { recursive: true, force: true });
  });

  /** Outside of what is counted. */
  const outside = <T>(work: () => T): T => {
    disk.remove();
    try {
      return work();
    } finally {
      disk.install();
    }
  };

  return {
    outside,

    /** A run of four steps with two checkpoints; or of three rounds of two, with a checkpoint at every step. */
    train(name: string, own: readonly string[] = [], rounds = false): string[] {
      const files = ['--data', data, '--config', rounds ? `${config}.rounds` : config];
      const steps = rounds
        ? ['--steps', '2', '--checkpoint-every', '1']
        : ['--steps', '4', '--checkpoint-every', '2'];
      return ['train', ...files, ...steps, ...own, '--out', path.join(runs, name)];
    },
    folder: (name: string) => path.join(runs, name),

    async run(words: readonly string[], fault: Fault | null = null): Promise<Outcome> {
      const texts = { stdout: '', stderr: '' };
      const spies = (['stdout', 'stderr'] as const).map((stream) =>
        vi.spyOn(process[stream], 'write').mockImplementation(((text: string | Uint8Array) => {
          texts[stream] += text.toString();
          return true;
        }) as never),
      );
      disk.begin(fault);
      try {
        const code = await main(words);
        // What was read of the data is said before anything else, and is no error.
        texts.stderr = texts.stderr.replace(/^data\.csv: \d+ rows .*\n/gm, '');
        return { code, ...texts, operations: disk.operations, struck: disk.struck };
      } finally {
        for (const spy of spies) spy.mockRestore();
        disk.begin(null);
      }
    },

    /** All files of a run, without times. */
    snapshot(folder: string): Snapshot {
      const names = fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
      return Object.fromEntries(
        names.map((name) => {
          const content = fs.readFileSync(path.join(folder, name));
          if (name === 'summary.json') return [name, resultsOf(content.toString().replaceAll(folder, 'RUN'))];
          return [name, createHash('sha256').update(content).digest('hex')];
        }),
      );
    },

    /** Puts a folder in another's place. */
    copy(from: string, to: string): void {
      outside(() => {
        fs.rmSync(to, { recursive: true, force: true });
        if (fs.existsSync(from)) fs.cpSync(from, to, { recursive: true });
      });
    },
  };
}

/**
 * Every moment at which the disk is another one: before each operation that changes it, which is after the one before,
 * in the middle of each write, and at the end.
 */
export function killPoints(
  operations: readonly Operation[],
  power = false,
): Extract<Fault, { kind: 'kill' }>[] {
  const points = operations.flatMap(({ kind, changes }, at) => {
    if (!changes) return [];
    const before = { kind: 'kill', at, power } as const;
    return kind === 'write' ? [before, { ...before, half: true }] : [before];
  });
  return [...points, { kind: 'kill', at: operations.length - 1, power }];
}

/**
 * What a reader finds in a folder at any moment: no model, or the one that goes with the state, or, where there is no
 * state, one of this config's.
 * @returns what is wrong
 */
export function whatAReaderFinds(path: string): string | null {
  const folder = new RunFolder(path);
  if (!folder.has('config') || !folder.has('model')) return null;
  const note = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const bytes = folder.read('model');
    if (JSON.stringify(modelConfig(bytes, 'it')) !== JSON.stringify(asTrained(folder, folder.config())))
      return 'another config';
    if (!folder.has('optimizer')) return null;
    const { step, average } = decodeTrainingState(folder.read('optimizer'), 'it');
    const { tensors, metadata } = decodeSafetensors(bytes, 'it');
    if (metadata.get('step') !== String(step)) return `step ${metadata.get('step')} beside ${step}`;
    const differs = [...average].find(([name, values]) => `${tensors.get(name)?.data}` !== `${values}`);
    return differs ? `another ${differs[0]}` : null;
  } finally {
    note.mockRestore();
  }
}
