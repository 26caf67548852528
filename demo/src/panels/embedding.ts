import type { App } from '../app.js';
import { optionsOf } from '../lab/recipe.js';

/** The few lines that show this very model in a page of one's own. */
export function embedding(app: App): string {
  const { lesson } = app;
  const { config } = lesson;
  const sampling = app.sampling(false);
  const labelled = (config?.data.classes ?? 0) > 0;
  const network = JSON.stringify(config?.network);
  return `import { OrthographicCamera, Scene } from 'three/webgpu';
import {
  createEngine, loadModel, Model, ParticlePlayer, Sampler, samplingTable,
} from 'tributary';
import { DensityView, engineRenderer } from 'tributary/three';

const engine = await createEngine({ backend: 'webgpu' });
// The model’s own config: what it learned, and its shape.
const interpolant = ${JSON.stringify(config?.interpolant)};
const model = new Model(engine, interpolant.heads, ${network}, 0, false);
const file = await fetch('model.safetensors');
loadModel(model, new Uint8Array(await file.arrayBuffer()), 'model.safetensors');

const n = ${sampling.n};
const table = samplingTable(interpolant, ${config ? JSON.stringify(optionsOf(config, sampling)) : '{}'});
const sampler = await Sampler.create(engine, model, model.store, table, ${sampling.seed}, n);
const player = new ParticlePlayer(engine, sampler);
await player.begin(${labelled ? `{ labels: Uint32Array.from({ length: n }, (_, i) => i % ${config?.data.classes}) }` : ''});

const canvas = document.querySelector('canvas');
const renderer = await engineRenderer(engine, { canvas });
renderer.setSize(canvas.clientWidth, canvas.clientHeight, false);
const view = new DensityView(renderer, engine, { width: canvas.width, height: canvas.height });
view.look([0, 0], ${app.stage.view.span.toPrecision(3)});
view.tone({ brightness: 6 });
const scene = new Scene();
scene.add(view.mesh);
const camera = new OrthographicCamera(-1, 1, 1, -1, -1, 1);

while (await player.advance());
renderer.setAnimationLoop((milliseconds) => {
  const { from, to, fraction } = player.view(Math.min(1, (milliseconds / 4000) % 1.4));
  view.show(n, from, to, fraction);
  view.colour({ by: 'one' }, [[0.49, 0.83, 0.99]]);
  view.accumulate();
  renderer.render(scene, camera);
});
`;
}
