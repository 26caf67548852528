import type { App } from '../app.js';
import { usableColour } from '../choices.js';
import { optionsOf } from '../lab/recipe.js';
import { theme } from '../theme.js';

/** The few lines that show this very model in a page of one's own. */
export function embedding(app: App): string {
  const { lesson } = app;
  const { config } = lesson;
  const sampling = app.sampling(false);
  const { center, span } = app.stage.view;
  if (config === null || lesson.bytes === null) return '';
  const { classes } = config.data;
  // All labels in the data's proportions, or the one that is shown.
  const all = classes > 0 && sampling.label < 0;
  const which = all
    ? 'spreadLabels(count, data.labelCounts)'
    : `new Uint32Array(count).fill(${sampling.label})`;
  const labels = classes > 0 ? `const labels = ${which};\n` : '';
  const byLabel = classes > 0 && usableColour(app.store.state) === 'label';
  const colour = byLabel ? "{ by: 'label', values: Float32Array.from(labels) }" : "{ by: 'one' }";
  const palette = JSON.stringify(byLabel ? theme().labels : theme().one);
  return `import { OrthographicCamera, Scene } from 'three/webgpu';
import { createEngine, loadModel, Model, modelConfig, samplingTable${all ? ', spreadLabels' : ''} } from 'tributary';
import { engineRenderer, ParticleFlow } from 'tributary/three';

const engine = await createEngine({ backend: 'webgpu' });
const response = await fetch('model.safetensors');
const file = new Uint8Array(await response.arrayBuffer());
// The file knows what it learned, and its shape.
const { ${all ? 'data, ' : ''}interpolant, network } = modelConfig(file, 'model.safetensors');
const model = new Model(engine, interpolant.heads, network, 0, false);
loadModel(model, file, 'model.safetensors');
const table = samplingTable(interpolant, ${JSON.stringify(optionsOf(config, sampling))});
const [count, seed] = [${sampling.n}, ${sampling.seed}];
${labels}
const canvas = document.querySelector('canvas');
const renderer = await engineRenderer(engine, { canvas });
renderer.setSize(canvas.clientWidth, canvas.clientHeight, false);
const scene = new Scene();
const camera = new OrthographicCamera(-1, 1, 1, -1, -1, 1);
const particles = { model, table, count, seed${labels === '' ? '' : ', labels'} };
const flow = await ParticleFlow.create({ engine, renderer, scene, ...particles });
flow.view.look([${center.map((value) => Number(value.toPrecision(4))).join(', ')}], ${span.toPrecision(3)});
flow.view.tone({ brightness: 6 });
flow.view.colour(${colour}, ${palette});
renderer.setAnimationLoop((milliseconds) => {
  flow.update((milliseconds / 4000) % 1.4); // from noise at 0 to data at 1, where they rest
  renderer.render(scene, camera);
});
`;
}
