import type { App } from '../app.js';
import { optionsOf } from '../lab/recipe.js';
import { theme } from '../theme.js';

/** The few lines that show this very model in a page of one's own. */
export function embedding(app: App): string {
  const { lesson } = app;
  const { config } = lesson;
  const sampling = app.sampling(false);
  if (config === null) return '';
  const { classes } = config.data;
  const network = JSON.stringify(config.network);
  const which = sampling.label >= 0 ? `() => ${sampling.label}` : `(_, i) => i % ${classes}`;
  const labels = classes > 0 ? `const labels = Uint32Array.from({ length: n }, ${which});\n` : '';
  const byLabel = classes > 0 && app.store.state.colour === 'label';
  const colour = byLabel ? "{ by: 'label', values: Float32Array.from(labels) }" : "{ by: 'one' }";
  const palette = JSON.stringify(byLabel ? theme().labels : theme().one);
  return `import { OrthographicCamera, Scene } from 'three/webgpu';
import {
  createEngine, loadModel, Model, ParticlePlayer, Sampler, samplingTable,
} from 'tributary';
import { DensityView, engineRenderer } from 'tributary/three';

const engine = await createEngine({ backend: 'webgpu' });
// The model’s own config: what it learned, and its shape.
const interpolant = ${JSON.stringify(config.interpolant)};
const model = new Model(engine, interpolant.heads, ${network}, 0, false);
const file = await fetch('model.safetensors');
loadModel(model, new Uint8Array(await file.arrayBuffer()), 'model.safetensors');

const n = ${sampling.n};
const table = samplingTable(interpolant, ${JSON.stringify(optionsOf(config, sampling))});
const sampler = await Sampler.create(engine, model, model.store, table, ${sampling.seed}, n);
const player = new ParticlePlayer(engine, sampler);
${labels}await player.begin(${labels === '' ? '' : '{ labels }'});

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
view.show(n, player.view(0).from, player.view(0).to, 0);
view.colour(${colour}, ${palette});
renderer.setAnimationLoop((milliseconds) => {
  const { from, to, fraction } = player.view(Math.min(1, (milliseconds / 4000) % 1.4));
  view.show(n, from, to, fraction);
  view.accumulate();
  renderer.render(scene, camera);
});
`;
}
