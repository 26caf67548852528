import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../src/formats/safetensors.js';
import { caught, temporaryFolder, tributary } from './run.js';

const folder = temporaryFolder();

const words = (out: string, steps: string) => [
  ...['train', '--family', 'rectified-flow', '--data', '8gaussians', '--steps', steps],
  ...['--batch', '128', '--hidden', '24', '--seed', '3', '--out', folder(out)],
];
const tensors = (file: string) => decodeSafetensors(readFileSync(folder(file)), file).tensors;

describe('rounds on a model’s own pairs', () => {
  it('keep the network, and give samples as good as those of the first round', async () => {
    expect((await tributary(words('whole', '250'))).code).toBe(0);
    const [first, last] = [tensors('whole/round-0.safetensors'), tensors('whole/model.safetensors')];
    // The frequencies belong to the weights: others would make another function of them.
    for (const name of ['velocity.point.frequency', 'velocity.time.frequency'])
      expect(last.get(name)?.data, name).toEqual(first.get(name)?.data);
    expect(last.get('velocity.blocks.0.gate.weight')?.data).not.toEqual(
      first.get('velocity.blocks.0.gate.weight')?.data,
    );
    const judged = await tributary(['evaluate', folder('whole'), '--n', '2000', '--json']);
    const { metrics } = JSON.parse(judged.stdout);
    // With another round's frequencies these were 0.4 and 0.1 and more.
    expect(metrics.frechet.value).toBeLessThan(0.25);
    expect(metrics.energy_distance.value).toBeLessThan(0.05);
  });

  it('stopped in the second and resumed, end with the bits of an uninterrupted run', async () => {
    expect((await tributary(words('a', '20'))).code).toBe(0);
    const stopped = await caught(folder('b'), () =>
      tributary([...words('b', '20'), '--checkpoint-every', '3'], (child) => {
        const timer = setInterval(() => {
          try {
            const last = readFileSync(folder('b/train.jsonl'), 'utf8').trim().split('\n').at(-1) ?? '';
            if (JSON.parse(last).step >= 27) child.kill('SIGKILL');
          } catch {
            // Not there yet, or a line half written.
          }
        }, 1);
        child.on('close', () => clearInterval(timer));
      }),
    );
    expect(stopped.signal).toBe('SIGKILL');
    const resumed = await tributary(['train', '--resume', '--out', folder('b')]);
    expect(resumed.stderr).not.toMatch(/error/i);
    expect(resumed.code).toBe(0);
    for (const file of ['model.safetensors', 'optimizer.safetensors'])
      expect(readFileSync(folder(`b/${file}`)).equals(readFileSync(folder(`a/${file}`)))).toBe(true);
  });

  it('are given the base where it is a set of points', async () => {
    const base = ['--base', 'moons', '--rows', '30'];
    const trained = await tributary([...words('base', '3'), ...base]);
    expect(trained.stderr).not.toMatch(/tributary: /);
    expect(trained.code).toBe(0);
    const { step } = JSON.parse(readFileSync(folder('base/train.jsonl'), 'utf8').trim().split('\n').at(-1)!);
    expect(step).toBe(6);
  });
});
