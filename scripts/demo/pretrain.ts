/** Trains the model that the demo page ships: `npm run demo:pretrain`. */
import { writeFileSync } from 'node:fs';
import { createEngine } from 'tributary-engine';
import { choiceKey, datasetOf, type ModelChoice } from '../../demo/src/lab/recipe.js';
import { DEFAULTS } from '../../demo/src/state.js';
import { thinned, trainAndJudge } from './run.js';

const LOSSES = 400;

const { data, custom, family, path, gamma, head, coupling, conditional, hidden, seed, train } = DEFAULTS;
const choice: ModelChoice = { data, custom, family, path, gamma, head, coupling, conditional, hidden, seed };
const engine = await createEngine();
const { bytes, state, history, evaluation } = await trainAndJudge(engine, choice, datasetOf(choice), train);
engine.destroy();
const short = { ...history, loss: thinned(history.loss, LOSSES) };
writeFileSync('demo/public/pretrained.safetensors', bytes);
// Fetched only when somebody trains it further.
writeFileSync('demo/public/pretrained_state.safetensors', state);
writeFileSync(
  'demo/public/pretrained.json',
  `${JSON.stringify({ key: choiceKey(choice), step: train, history: short })}\n`,
);
for (const [name, metric] of Object.entries(evaluation.metrics)) {
  console.log(`${name} ${metric.value.toPrecision(4)} (floor ${metric.floor.toPrecision(4)})`);
}
console.log(`${bytes.length} bytes, and ${state.length} to train it further`);
