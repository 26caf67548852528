/** Runs one system in a process of its own and answers requests, one JSON object a line. */
import { createInterface } from 'node:readline';
import { jax } from './jax.js';
import { peak } from './peak.js';
import { readProblem, type System } from './problem.js';
import { tfjs } from './tfjs.js';
import { tributary } from './tributary.js';

const [name, dir, threads, profile] = process.argv.slice(2);
const answer = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);

async function open(): Promise<System> {
  const problem = readProblem(dir);
  if (name === 'tributary') return tributary(problem, Number(threads), profile === 'profile');
  if (name === 'tfjs') return tfjs(problem);
  return jax(problem);
}

if (name === 'peak') {
  const measure = await peak();
  answer({ version: measure.version });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line !== '') answer({ gflops: await measure.gflops() });
  }
} else {
  const system = await open();
  answer({ version: system.version });
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as { op: string; steps: number };
    if (request.op === 'train') answer({ ms: await system.train(request.steps) });
    else if (request.op === 'profile') answer({ profile: system.profile?.() ?? [] });
    else if (request.op === 'loss') answer({ loss: await system.loss() });
    else answer({ ms: await system.sample() });
  }
}
process.exit(0);
