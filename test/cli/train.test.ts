import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { caught, temporaryFolder, tributary } from './run.js';

const folder = temporaryFolder();

const small = ['--steps', '60', '--batch', '64', '--hidden', '16', '--seed', '5'];

const bytes = (run: string) =>
  ['optimizer.safetensors', 'model.safetensors'].map((file) => readFileSync(folder(`${run}/${file}`)));

const losses = (run: string) =>
  readFileSync(folder(`${run}/train.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((record) => record.losses);

describe('a seed fixes a run to the bit', () => {
  it('twice the same command gives the same checkpoints', async () => {
    for (const run of ['a', 'b']) {
      const { code, stderr } = await tributary(['train', ...small, '--out', folder(run)]);
      expect(stderr).not.toMatch(/error/i);
      expect(code).toBe(0);
    }
    expect(bytes('a')).toEqual(bytes('b'));
    const { code } = await tributary(['train', ...small.slice(0, -1), '6', '--out', folder('c')]);
    expect(code).toBe(0);
    expect(bytes('c')[0].equals(bytes('a')[0])).toBe(false);
  });

  it('killed in the middle and resumed it ends with the bits of an uninterrupted run', async () => {
    const killed = await caught(folder('killed'), () =>
      tributary(['train', ...small, '--checkpoint-every', '7', '--out', folder('killed')], (child) => {
        const timer = setInterval(() => {
          try {
            // After the third checkpoint, without any warning.
            if (losses('killed').length >= 22) child.kill('SIGKILL');
          } catch {
            // The log is not there yet.
          }
        }, 1);
        child.on('close', () => clearInterval(timer));
      }),
    );
    expect(killed.signal).toBe('SIGKILL');
    const resumed = await tributary(['train', '--resume', '--out', folder('killed')]);
    expect(resumed.stderr).not.toMatch(/error/i);
    expect(resumed.code).toBe(0);
    expect(bytes('killed')).toEqual(bytes('a'));
    expect(losses('killed')).toEqual(losses('a'));
  });

  it('Ctrl-C writes a checkpoint, says how to go on, and going on gives the same bits', async () => {
    const interrupted = await caught(folder('ctrl-c'), () =>
      tributary(['train', ...small, '--out', folder('ctrl-c')], (child) => {
        child.stderr?.once('data', () => child.kill('SIGINT'));
      }),
    );
    expect(interrupted.code).toBe(130);
    expect(interrupted.stderr).toMatch(
      /interrupted at step \d+ of 60; go on with: npx tributary train --resume/,
    );
    const resumed = await tributary(['train', '--resume', '--out', folder('ctrl-c')]);
    expect(resumed.code).toBe(0);
    expect(bytes('ctrl-c')).toEqual(bytes('a'));
  });

  it('a run of several rounds goes on from any of them to the same bits', async () => {
    const rounds = [
      '--family',
      'rectified-flow',
      '--data',
      'moons',
      '--steps',
      '30',
      '--batch',
      '32',
      '--hidden',
      '8',
    ];
    const run = (out: string, during?: Parameters<typeof tributary>[1]) =>
      tributary(['train', ...rounds, '--checkpoint-every', '7', '--out', folder(out)], during);
    const whole = await run('rounds');
    expect(whole.code).toBe(0);
    expect(losses('rounds').map(({ step }) => step)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    for (const [name, step] of [
      ['rounds-first', 10],
      ['rounds-second', 40],
    ] as const) {
      const killed = await caught(folder(name), () =>
        run(name, (child) => {
          const timer = setInterval(() => {
            try {
              if (losses(name).length >= step) child.kill('SIGKILL');
            } catch {
              // The log is not there yet.
            }
          }, 1);
          child.on('close', () => clearInterval(timer));
        }),
      );
      expect(killed.signal).toBe('SIGKILL');
      const resumed = await tributary(['train', '--resume', '--out', folder(name)]);
      expect(resumed.stderr).not.toMatch(/error/i);
      expect(resumed.code).toBe(0);
      expect(bytes(name)).toEqual(bytes('rounds'));
      expect(losses(name)).toEqual(losses('rounds'));
    }
  });

  it('samples do not depend on when they are drawn, only on the seed', async () => {
    const draw = async (out: string, n: string) => {
      const { code } = await tributary([
        'sample',
        folder('a'),
        '--n',
        n,
        '--steps',
        '4',
        '--out',
        folder(out),
      ]);
      expect(code).toBe(0);
      return readFileSync(folder(out), 'utf8').trim().split('\n');
    };
    const few = await draw('few.csv', '10');
    const many = await draw('many.csv', '700');
    expect(many.slice(0, few.length)).toEqual(few);
  });
});

describe('training on one’s own points', () => {
  it('learns from a .csv with labels, in its own units', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => {
      const label = i % 2;
      return `${5000 + 800 * label + 10 * Math.sin(i)},${-3e4 + 10 * Math.cos(7 * i)},${label}`;
    });
    writeFileSync(folder('own.csv'), `x,y,label\n${rows.join('\n')}\n`);
    const data = ['--data', folder('own.csv'), '--conditional'];
    const trained = await tributary([
      'train',
      ...data,
      ...['--steps', '400', '--batch', '64', '--hidden', '16', '--out', folder('own')],
    ]);
    expect(trained.code, trained.stderr).toBe(0);
    const { code } = await tributary([
      'sample',
      folder('own'),
      ...['--n', '200', '--steps', '10', '--label', '1', '--out', folder('own-1.csv')],
    ]);
    expect(code).toBe(0);
    const points = readFileSync(folder('own-1.csv'), 'utf8').trim().split('\n').slice(1);
    const xs = points.map((line) => Number(line.split(',')[0]));
    const mean = xs.reduce((a, b) => a + b, 0) / xs.length;
    // Label 1 sits at 5800, label 0 at 5000.
    expect(Math.abs(mean - 5800)).toBeLessThan(150);
    const judged = await tributary(['evaluate', folder('own'), '--n', '200', '--steps', '5', '--json']);
    expect(judged.code, judged.stderr).toBe(0);
    expect(Object.keys(JSON.parse(judged.stdout).metrics)).toContain('sliced_w2');
  });
});

describe('evaluate --json', () => {
  it('has the documented shape, and every number is finite', async () => {
    const { code, stdout } = await tributary([
      'evaluate',
      folder('a'),
      '--n',
      '500',
      '--steps',
      '3',
      '--json',
    ]);
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ family: 'flow-matching', data: 'corridor', seed: 1, n: 500 });
    for (const key of [
      'frechet',
      'sliced_w2',
      'energy_distance',
      'log_p_true',
      'off_support',
      'mode_coverage',
    ]) {
      const metric = result.metrics[key];
      for (const field of ['value', 'floor', 'floorStd', 'training']) {
        expect(Number.isFinite(metric[field]), `${key}.${field}`).toBe(true);
      }
    }
    expect(JSON.parse(readFileSync(folder('a/metrics.json'), 'utf8'))).toEqual(result);
  });
});
