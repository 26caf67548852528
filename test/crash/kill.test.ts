import fs from 'node:fs';
import { expect, it, vi } from 'vitest';
import { killPoints, whatAReaderFinds, workshop } from './program.js';

vi.mock('../../src/engine.js', async (original) => (await import('./small.js')).smallEngine(original));
vi.mock('../../src/families/interpolant/excess.js', async () => (await import('./small.js')).smallMonitor());
vi.mock('../../src/families/interpolant/reflow.js', async (original) =>
  (await import('./small.js')).rememberedPairs(original as never),
);

const shop = workshop();
const { folder, run, snapshot, copy } = shop;
const resume = (name: string) => ['train', '--resume', '--out', folder(name)];

/** Goes on as a user would: by --resume, or by the same command where there is nothing to go on with. */
async function goOn(name: string, command: readonly string[]): Promise<void> {
  let outcome = await run(resume(name));
  if (outcome.code === 2 && outcome.stderr.includes('holds no run')) outcome = await run(command);
  expect(outcome.stderr).not.toContain('tributary: ');
  expect(outcome.code).toBe(0);
}

/** Leaves the folder as it is after a kill about half-way through. */
async function killedHalfWay(name: string, rounds: boolean): Promise<void> {
  copy(folder('nothing'), folder(name));
  const { operations } = await run(shop.train(name, [], rounds));
  copy(folder('nothing'), folder(name));
  await run(shop.train(name, [], rounds), { kind: 'kill', at: Math.round(0.55 * operations.length) });
  expect(fs.existsSync(`${folder(name)}/optimizer.safetensors`)).toBe(true);
}

it.each([
  { what: 'train', rounds: false, resumed: false, power: false },
  { what: 'train', rounds: false, resumed: false, power: true },
  { what: 'train --resume', rounds: false, resumed: true, power: false },
  { what: 'rounds of train', rounds: true, resumed: false, power: false },
  { what: 'rounds of train', rounds: true, resumed: false, power: true },
  { what: 'rounds of train --resume', rounds: true, resumed: true, power: false },
])(
  '$what, killed at any operation (power cut: $power), ends with the bits of an uninterrupted run',
  async (mode) => {
    const { rounds, resumed, power } = mode;
    const whole = shop.train('run', [], rounds);
    expect((await run(shop.train('whole', ['--overwrite'], rounds))).code).toBe(0);
    const expected = snapshot(folder('whole'));
    if (resumed) await killedHalfWay('begun', rounds);
    const command = resumed ? resume('run') : whole;
    copy(folder(resumed ? 'begun' : 'nothing'), folder('run'));
    const { code, operations } = await run(command);
    expect(code).toBe(0);
    expect(snapshot(folder('run'))).toEqual(expected);

    const points = killPoints(operations, power);
    const differing: string[] = [];
    for (const point of points) {
      copy(folder(resumed ? 'begun' : 'nothing'), folder('run'));
      expect((await run(command, point)).struck).toBe(true);
      const found = whatAReaderFinds(folder('run'));
      const where = `${JSON.stringify(point)} ${JSON.stringify(operations[point.at])}`;
      if (found !== null) differing.push(`${where}: a reader finds ${found}`);
      await goOn('run', whole);
      const end = snapshot(folder('run'));
      if (JSON.stringify(end) !== JSON.stringify(expected)) differing.push(where);
    }
    expect(differing).toEqual([]);
    // If there are fewer, something is written unseen.
    expect(points.length).toBeGreaterThan(resumed ? 30 : 50);
    process.stderr.write(
      `${mode.what}${power ? ', power cut' : ''}: ${points.length} points of ${operations.length} operations\n`,
    );
  },
);

it('train --overwrite, killed at any operation, leaves the old run or the new one, and never parts of both', async () => {
  const ends = new Map<number, object>();
  for (const seed of [1, 2]) {
    const own = ['--seed', String(seed), '--overwrite'];
    expect((await run(shop.train('whole', own, seed === 1))).code).toBe(0);
    ends.set(seed, snapshot(folder('whole')));
    if (seed === 1) copy(folder('whole'), folder('old'));
  }
  const command = shop.train('run', ['--seed', '2', '--overwrite']);
  copy(folder('old'), folder('run'));
  const { operations } = await run(command);
  expect(snapshot(folder('run'))).toEqual(ends.get(2));
  const points = killPoints(operations);
  const differing: string[] = [];
  const resumedTo = new Set<number>();
  for (const point of points) {
    copy(folder('old'), folder('run'));
    await run(command, point);
    const found = whatAReaderFinds(folder('run'));
    const where = `${JSON.stringify(point)} ${JSON.stringify(operations[point.at])}`;
    if (found !== null) differing.push(`${where}: a reader finds ${found}`);
    copy(folder('run'), folder('resumed'));
    await goOn('resumed', command);
    const { seed } = JSON.parse(fs.readFileSync(`${folder('resumed')}/config.json`, 'utf8'));
    resumedTo.add(seed);
    if (JSON.stringify(snapshot(folder('resumed'))) !== JSON.stringify(ends.get(seed)))
      differing.push(`${where}, resumed`);
    expect((await run(command)).code).toBe(0);
    if (JSON.stringify(snapshot(folder('run'))) !== JSON.stringify(ends.get(2)))
      differing.push(`${where}, repeated`);
  }
  expect(differing).toEqual([]);
  expect([...resumedTo].sort()).toEqual([1, 2]);
  process.stderr.write(`train --overwrite: ${points.length} points\n`);
});
