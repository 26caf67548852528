import { createEngine } from '../src/engine.js';
import { dataset, distanceToOracle, PROBLEMS } from '../test/train/minimiser.js';

/**
 * How near each head comes to the oracle's field when it is trained long on practically unlimited samples of a small
 * mixture: `node bench/run.mjs bench/minimisers.ts [STEPS] [BATCH] [HIDDEN] [PART OF A NAME]`.
 */
export default async function minimisers([
  steps = '12000',
  batch = '1024',
  hidden = '32',
  part = '',
]: string[]) {
  const engine = await createEngine();
  const data = dataset();
  const budget = {
    steps: Number(steps),
    batch: Number(batch),
    network: {
      hidden: Number(hidden),
      inner: 2 * Number(hidden),
      blocks: 2,
      pointFrequencies: 8,
      pointFrequencyScale: 0.2,
    },
  };
  console.log(`${steps} steps of ${batch}, hidden width ${hidden}, t from 0.02 to 0.98, ${engine.device}`);
  console.log('| interpolant, head, weighting | ‖F̂ − F‖/‖F‖ |\n| --- | --- |');
  for (const problem of PROBLEMS.filter(({ name }) => name.includes(part))) {
    for (const { head, error } of await distanceToOracle(engine, data, problem, budget))
      console.log(
        `| ${problem.name}${problem.interpolant.gamma ? `: ${head}` : ''} | ${(100 * error).toFixed(2)} % |`,
      );
  }
  engine.destroy();
}
