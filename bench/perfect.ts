/**
 * How often metrics call perfect samples worse than perfect: `npm run bench:perfect -- [SETS] [N,N …] [DATA,DATA …]`.
 * Every set is fresh from the truth and judged with draws of its own; results gather in bench/results/perfect.json.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { trainingSet } from '../src/data/dataset.js';
import { distributionByName } from '../src/data/registry.js';
import { type Alarms, falseAlarms } from './perfect/alarms.js';

const FILE = 'bench/results/perfect.json';

export default function run([
  sets = '100',
  sizes = '1000,5000,20000',
  data = 'corridor,8gaussians,moons',
]: string[]): void {
  for (const name of data.split(','))
    for (const n of sizes.split(',').map(Number)) {
      const distribution = distributionByName(name);
      const training = trainingSet(distribution, 1000, 0);
      const keep = (found: Alarms) => {
        if (found.sets % 10 !== 0 && found.sets !== Number(sets)) return;
        // Read anew: several of these may run beside each other.
        const known = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {};
        known[`${name}, n = ${n}`] = found;
        writeFileSync(FILE, `${JSON.stringify(known, null, 1)}\n`);
      };
      const found = falseAlarms(distribution, n, Number(sets), { training, first: 10_000, onSet: keep });
      console.log(name, n, JSON.stringify(found));
    }
}
