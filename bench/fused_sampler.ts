/**
 * The sampler that is one kernel against the one that launches every layer: seconds a run of so many steps of
 * so many particles, the best of several runs that take turns. `node bench/run.mjs bench/fused_sampler.ts`
 */
import { fusedWork } from '../src/backend/contracts/fused.js';
import { alike, Model } from '../src/model/model.js';
import { STANDARD_MLP } from '../src/nn/mlp.js';
import { Sampler } from '../src/samplers/sampler.js';
import { solverByName } from '../src/samplers/solvers.js';
import { solverTable, uniformGrid } from '../src/samplers/table.js';
import { difference } from '../src/verify/kernels.js';
import { WebGpuBackend } from '../src/webgpu/backend.js';

const REPEATS = 5;

export default async function run([particles = '2048', steps = '4']: string[]): Promise<void> {
  const engine = await WebGpuBackend.create();
  const n = Number(particles);
  console.log(`${engine.device}; ${n} particles, ${steps} Euler steps, best of ${REPEATS}`);
  console.log('| hidden | inner | way | ms a step | GFLOP/s | compiled in ms |');
  console.log('|---|---|---|---|---|---|');
  for (const hidden of [32, 64, 128]) {
    const network = { ...STANDARD_MLP, dim: 2, outputs: 2, classes: 0, hidden, inner: 2 * hidden };
    const model = new Model(engine, alike(['velocity'], network), 1, false);
    const values = (await engine.read(model.store.values)).map((value, i) => value + 0.1 * Math.sin(i));
    engine.write(model.store.values, values);
    const table = solverTable(solverByName('euler'), uniformGrid(Number(steps)));
    const ways: { name: string; sampler: Sampler; compile: number; best: number; points: Float64Array }[] =
      [];
    const add = async (name: string, fused: boolean) => {
      const start = performance.now();
      const sampler = await Sampler.create(engine, model, model.store, table, 1, n, { fused });
      const compile = performance.now() - start;
      ways.push({ name, sampler, compile, best: Number.POSITIVE_INFINITY, points: new Float64Array(0) });
    };
    await add('a kernel a layer', false);
    await add('fused', true);
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      for (const way of ways) {
        const start = performance.now();
        way.points = (await way.sampler.sample({ n })).points;
        way.best = Math.min(way.best, performance.now() - start);
      }
    }
    for (const { name, best, compile, points } of ways) {
      const { relative } = difference(points, ways[0].points);
      if (!(relative < 1e-5)) throw new Error(`${name}: the samples differ by ${relative}`);
      const { activation: _, ...sizes } = network;
      const work = 2 * fusedWork(sizes) * n * Number(steps);
      const cells = [hidden, 2 * hidden, name, (best / Number(steps)).toFixed(1)];
      console.log(`| ${[...cells, (work / best / 1e6).toFixed(2), compile.toFixed(0)].join(' | ')} |`);
    }
    for (const { sampler } of ways) sampler.destroy();
    model.destroy();
  }
  engine.destroy();
}
