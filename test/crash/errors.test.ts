import fs from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { workshop } from './program.js';

vi.mock('../../src/engine.js', async (original) => (await import('./small.js')).smallEngine(original));
vi.mock('../../src/families/interpolant/excess.js', async () => (await import('./small.js')).smallMonitor());
vi.mock('../../src/families/interpolant/reflow.js', async (original) =>
  (await import('./small.js')).rememberedPairs(original as never),
);

const shop = workshop();
const { folder, run, snapshot, copy, outside } = shop;
const resume = (name: string) => ['train', '--resume', '--out', folder(name)];

describe('a disk that refuses or is slow', () => {
  it.each([
    { rounds: false, forever: false },
    { rounds: false, forever: true },
    { rounds: true, forever: false },
  ])('ends the program with one line and 1, and a resume ends with the same bits (%j)', async (mode) => {
    const { rounds, forever } = mode;
    const command = shop.train('run', [], rounds);
    copy(folder('nothing'), folder('run'));
    const { code, operations } = await run(command);
    expect(code).toBe(0);
    const expected = snapshot(folder('run'));
    const differing: string[] = [];
    // Of the longer runs some, each of the kinds among them: the calls are the same ones.
    const stride = rounds ? 5 : forever ? 3 : 1;
    for (let at = 0; at < operations.length; at += stride) {
      copy(folder('nothing'), folder('run'));
      const fault = { kind: 'error', at, code: at % 2 ? 'ENOSPC' : 'EIO', forever } as const;
      const failed = await run(command, fault);
      const where = `${JSON.stringify(fault)} ${JSON.stringify(operations[at])}`;
      const lines = failed.stderr.split('\n').filter((line) => line !== '' && !/^training \d/.test(line));
      if (failed.code !== 1 || lines.length !== 1 || !/^tributary: cannot .*\(E[A-Z]+\)$/.test(lines[0]))
        differing.push(`${where}: ${failed.code} ${failed.stderr}`);
      const resumed = await run(resume('run'));
      if (resumed.code === 2 && /holds no run/.test(resumed.stderr)) await run(command);
      if (JSON.stringify(snapshot(folder('run'))) !== JSON.stringify(expected)) differing.push(where);
    }
    expect(differing).toEqual([]);
    process.stderr.write(`errors: ${Math.ceil(operations.length / stride)} operations\n`);
  });

  it('that takes a part of each write gets the rest of it', async () => {
    for (const [name, fault] of [
      ['whole', null],
      ['short', { kind: 'short' }],
    ] as const)
      expect((await run(shop.train(name), fault)).code).toBe(0);
    const data = ({ 'config.json': _, ...rest }: Record<string, string>) => rest;
    expect(data(snapshot(folder('short')))).toEqual(data(snapshot(folder('whole'))));
  });
});

describe('what a killed run leaves', () => {
  const kept = `.model.safetensors.${process.ppid}-2.tmp`;

  it('temporary files go when the next begins or goes on, but for those of a process that is alive', async () => {
    const left = ['.model.safetensors.999999999-3.tmp', '.999999999-1.tmp', kept];
    for (const command of [shop.train('left'), resume('left')]) {
      outside(() => {
        fs.mkdirSync(folder('left'), { recursive: true });
        for (const name of left) fs.writeFileSync(`${folder('left')}/${name}`, 'half');
      });
      expect((await run(command)).stderr).not.toContain('tributary: ');
      expect(fs.readdirSync(folder('left')).filter((name) => name.endsWith('.tmp'))).toEqual([kept]);
    }
  });

  it.each([
    '',
    '1',
    '18',
    'garbage',
    '-1\n',
    '0\n',
    '1e3\n',
    '999999999\n',
    `${process.pid}`,
    '\0',
    '9'.repeat(400),
  ])('a lock that holds %j holds nobody up', async (content) => {
    outside(() => {
      fs.rmSync(folder('locked'), { recursive: true, force: true });
      fs.mkdirSync(folder('locked'));
      fs.writeFileSync(`${folder('locked')}/.lock`, content);
    });
    expect((await run(shop.train('locked'))).code).toBe(0);
    expect(fs.readdirSync(folder('locked'))).not.toContain('.lock');
  });

  it('the lock of a process that is alive refuses in one line, with the way out, and stays', async () => {
    outside(() => {
      fs.mkdirSync(folder('held'));
      fs.writeFileSync(`${folder('held')}/.lock`, `${process.ppid}\n`);
    });
    const { code, stderr } = await run(shop.train('held'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^tributary: .* is in use by process \d+; .*remove .*\.lock\)\n$/);
    expect(fs.readdirSync(folder('held'))).toEqual(['.lock']);
  });

  it.each(['.lock', 'train.jsonl', 'summary.json', 'optimizer.safetensors'])(
    'a folder in the place of %s is one line',
    async (name) => {
      const out = `odd-${name}`;
      outside(() => {
        fs.mkdirSync(`${folder(out)}/${name}`, { recursive: true });
      });
      const { code, stderr } = await run(shop.train(out, ['--overwrite']));
      expect(code).not.toBe(0);
      expect(stderr.replace(/^training .*\n/gm, '')).toMatch(/^tributary: .*\n$/);
    },
  );
});

describe('a run whose files disagree', () => {
  const command = shop.train('odd', ['--overwrite']);
  const stored = (name: string) => `${folder('odd')}/${name}`;

  it('is resumed to the model of its state, whatever is in the place of that', async () => {
    expect((await run(command)).code).toBe(0);
    const expected = snapshot(folder('odd'));
    const model = fs.readFileSync(stored('model.safetensors'));
    const flipped = Buffer.from(model);
    flipped[flipped.length - 1] ^= 1;
    for (const content of [null, flipped, Buffer.from('garbage'), model.subarray(0, 99), Buffer.alloc(0)]) {
      outside(() => {
        fs.rmSync(stored('model.safetensors'));
        if (content) fs.writeFileSync(stored('model.safetensors'), content);
      });
      const read = await run(['sample', folder('odd'), '--n', '3', '--steps', '2', '--out', stored('s.csv')]);
      expect(read.code).toBe(0);
      expect(read.stderr).toMatch(/^note: .* is not of step 4, where this run is/m);
      const samples = fs.readFileSync(stored('s.csv'), 'utf8');
      outside(() => fs.rmSync(stored('s.csv')));
      expect((await run(resume('odd'))).code).toBe(0);
      expect(snapshot(folder('odd'))).toEqual(expected);
      const again = await run([
        'sample',
        folder('odd'),
        '--n',
        '3',
        '--steps',
        '2',
        '--out',
        stored('s.csv'),
      ]);
      expect(again.stderr).not.toContain('note: ');
      expect(fs.readFileSync(stored('s.csv'), 'utf8')).toBe(samples);
      outside(() => fs.rmSync(stored('s.csv')));
    }
  });

  it('in the middle of a round is refused where the model that it was begun from is gone or changed', async () => {
    const rounds = shop.train('odd', ['--overwrite'], true);
    copy(folder('nothing'), folder('odd'));
    const { operations } = await run(rounds);
    copy(folder('nothing'), folder('odd'));
    // The first checkpoint inside the second round has just been written.
    const states = operations.flatMap(({ kind, file }, at) =>
      kind === 'rename' && file.endsWith('optimizer.safetensors') ? [at] : [],
    );
    await run(rounds, { kind: 'kill', at: states[2] + 1 });
    const file = stored('round-0.safetensors');
    const bytes = fs.readFileSync(file);
    const before = snapshot(folder('odd'));
    for (const [content, what] of [
      [null, 'is missing'],
      [Buffer.concat([bytes.subarray(0, -1), Buffer.of(bytes[bytes.length - 1] ^ 1)]), 'has changed'],
    ] as const) {
      outside(() => {
        fs.rmSync(file, { force: true });
        if (content) fs.writeFileSync(file, content);
      });
      const { code, stderr } = await run(resume('odd'));
      expect(code).toBe(2);
      expect(stderr).toMatch(new RegExp(`^tributary: .*round-0\\.safetensors ${what}.*--overwrite\n$`));
    }
    outside(() => fs.writeFileSync(file, bytes));
    expect(before['optimizer.safetensors']).toBe(snapshot(folder('odd'))['optimizer.safetensors']);
    expect((await run(resume('odd'))).code).toBe(0);
  });

  it('of an earlier version, whose state knows no digests, still opens, resumes and is repaired', async () => {
    const { decodeSafetensors, encodeSafetensors } = await import('../../src/formats/safetensors.js');
    const { operations } = await run(command);
    const expected = snapshot(folder('odd'));
    const states = operations.flatMap(({ kind, file }, at) =>
      kind === 'rename' && file.endsWith('optimizer.safetensors') ? [at] : [],
    );
    const withoutDigest = () => {
      const { tensors, metadata } = decodeSafetensors(fs.readFileSync(stored('optimizer.safetensors')), 'it');
      const named = [...tensors].map(([name, tensor]) => ({ name, ...tensor }));
      const old = { format: 'tributary', step: metadata.get('step') as string };
      outside(() => fs.writeFileSync(stored('optimizer.safetensors'), encodeSafetensors(named, old)));
    };
    // Killed between the two files of the first and of the last checkpoint.
    for (const at of states) {
      await run(command, { kind: 'kill', at: at + 1 });
      withoutDigest();
      expect((await run(resume('odd'))).code).toBe(0);
      const end = snapshot(folder('odd'));
      for (const name of ['model.safetensors', 'train.jsonl', 'summary.json'])
        expect(end[name]).toBe(expected[name]);
    }
    withoutDigest();
    const { code, stderr } = await run(['sample', folder('odd'), '--n', '2', '--out', stored('s.csv')]);
    expect(code).toBe(0);
    expect(stderr).not.toContain('note: ');
  });
});
