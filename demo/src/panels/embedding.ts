import { isInterpolant, type RunConfig } from 'tributary-engine';
import type { App } from '../app.js';
import { usableColour } from '../choices.js';
import { optionsOf, type SampleChoice, tableOf } from '../lab/recipe.js';
import { timeAt } from '../lab/times.js';
import { ARRIVES, LEAVES } from '../lab/way.js';
import { GAMMA, type Rgb } from '../scene/painter.js';
import { theme } from '../theme.js';

/** Parts of the way at whose ends the code knows how bright the page is. */
const PARTS = 10;

const short = (value: number) => Number(value.toPrecision(3));

/** The lines that have a solver move particles. */
const movedByTable = (
  config: RunConfig,
  sampling: SampleChoice,
): string => `const { config, model } = await openModel(engine, file);
const table = samplingTable(config.settings, ${JSON.stringify(optionsOf(config, sampling))});
const [count, seed] = [${sampling.n}, ${sampling.seed}];
`;

/** The lines that have a family draw them in its own steps. */
const drawnByFamily = ({ n, seed }: SampleChoice): string => `const trained = await openModel(engine, file);
const { config } = trained;
const [count, seed] = [${n}, ${seed}];
const generator = await trained.generator({ seed, tile: count });
// The family takes noise to data at once: the way between is drawn, the model has none.
const jumped = (share) => {
  const steps = generator.stepCount;
  const done = Math.min(steps - 1, Math.floor(share * steps));
  const part = Math.min(1, Math.max(0, (share * steps - done - ${LEAVES}) / ${short(ARRIVES - LEAVES)}));
  return (done + part * part * (3 - 2 * part)) / steps;
};
`;

/** The lines that show this very model in a page of one's own, as it is seen here. */
export function embedding(app: App): string {
  const { lesson } = app;
  const { config } = lesson;
  const sampling = app.sampling(false);
  const { stage } = app;
  const { center, span } = stage.view;
  const spread = stage.panes[0]?.spread ?? null;
  if (config === null || lesson.bytes === null || spread === null) return '';
  const [{ width, height }] = stage.boxes();
  // What the smaller side shows here it shows there.
  const seen = short(span * Math.min(1, width / Math.max(1, height)));
  const path = isInterpolant(config);
  const times = path ? tableOf(config, sampling).times : [0, 1];
  const brightness = Array.from({ length: PARTS + 1 }, (_, i) =>
    short(1 / spread.densityAt(timeAt(times, i / PARTS))),
  );
  const background = getComputedStyle(stage.element).backgroundColor;
  const { classes } = config.data;
  // All labels in the data's proportions, or the one that is shown.
  const all = classes > 0 && sampling.label < 0;
  const which = all
    ? 'spreadLabels(count, config.data.labelCounts)'
    : `new Uint32Array(count).fill(${sampling.label})`;
  const labels = classes > 0 ? `const labels = ${which};\n` : '';
  const byLabel = classes > 0 && usableColour(app.store.state) === 'label';
  const colour = byLabel ? "{ by: 'label', values: Float32Array.from(labels) }" : "{ by: 'one' }";
  const colours: readonly Rgb[] = byLabel ? theme().labels : theme().one;
  const palette = JSON.stringify(colours.map((parts) => parts.map(short)));
  return `// Needs: npm i tributary-engine three, a bundler such as vite, a <canvas> in the page, and beside the page model.safetensors
// from the button “Model”.
import { OrthographicCamera, Scene } from 'three/webgpu';
import { createEngine, openModel${path ? ', samplingTable' : ''}${all ? ', spreadLabels' : ''} } from 'tributary-engine';
import { engineRenderer, ParticleFlow } from 'tributary-engine/three';

const engine = await createEngine({ backend: 'webgpu' });
const response = await fetch('model.safetensors');
const file = new Uint8Array(await response.arrayBuffer());
// The file knows what it learned, and its shape.
${path ? movedByTable(config, sampling) : drawnByFamily(sampling)}${labels}
const canvas = document.querySelector('canvas');
canvas.style.background = '${background}'; // what the colours are made for
const { width, height } = canvas;
Object.assign(canvas, { width: 0, height: 0 });
// A canvas that no style gives a size keeps that of its attributes.
if (canvas.clientWidth + canvas.clientHeight === 0)
  Object.assign(canvas.style, { width: \`\${width}px\`, height: \`\${height}px\` });
Object.assign(canvas, { width, height });
const renderer = await engineRenderer(engine, { canvas });
const scene = new Scene();
const camera = new OrthographicCamera(-1, 1, 1, -1, -1, 1);
const particles = { ${path ? 'model, table, count, seed' : 'generator'}${labels === '' ? '' : ', labels'} };
const flow = await ParticleFlow.create({ engine, renderer, scene, ...particles });
flow.view.colour(${colour}, ${palette});
// Along the way: what is spread out is shown brighter.
const brightness = ${JSON.stringify(brightness)};
renderer.setAnimationLoop((milliseconds) => {
  const ratio = Math.min(2, devicePixelRatio);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((side) => Math.max(1, Math.round(side * ratio)));
  if (canvas.width !== width || canvas.height !== height) renderer.setSize(width, height, false);
  flow.view.setSize(width, height);
  // The smaller side shows ${seen}, the height what follows from it.
  flow.view.look([${center.map((value) => Number(value.toPrecision(4))).join(', ')}], ${seen} * Math.max(1, height / width));
  const share = Math.min(1, (milliseconds / 4000) % 1.4); // from noise at 0 to data at 1, where they rest
  const part = Math.min(${PARTS - 1}, Math.floor(${PARTS} * share));
  const next = ${PARTS} * share - part;
  flow.view.tone({ brightness: brightness[part] * (1 - next) + brightness[part + 1] * next, gamma: ${GAMMA} });
  flow.update(${path ? 'share' : 'jumped(share)'});
  renderer.render(scene, camera);
});
`;
}
