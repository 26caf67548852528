/** Downloads: the model, its samples, a picture, a loop, and the lines that embed it. */
import { encodeCsv } from 'tributary';
import type { App } from '../app.js';
import { originOf } from '../data/custom.js';
import { copyText, download, h, openDialog, rest, say } from '../dom.js';
import { labelsOf } from '../lab/recipe.js';
import { CUSTOM } from '../state.js';
import { embedding } from './embedding.js';
import { group } from './fields.js';

/** Seconds of a recorded loop at speed 1: from noise to data, and the rest at the end. */
const LOOP_MS = 6000;
const FRAMES_A_SECOND = 30;

async function samples(app: App): Promise<void> {
  const { state } = app.store;
  const runner = app.stage.panes[0]?.runner;
  if (!runner) return;
  const points = await runner.samples();
  const { offset, scale } = originOf(state.data === CUSTOM ? state.custom : '');
  const own = points.map((value, i) => value * scale + offset[i % 2]);
  const labels = app.lesson.config ? labelsOf(app.lesson.config, points.length / 2, state.label) : undefined;
  download('samples.csv', encodeCsv(own, own.length / 2, 2, labels, ['x', 'y']));
}

function picture(app: App): void {
  app.stage.picture().toBlob((blob) => {
    if (blob) download('tributary.png', blob);
  }, 'image/png');
}

/** Records the stage from t = 0 to its rest. */
async function loop(app: App, button: HTMLButtonElement): Promise<void> {
  const { stage, store } = app;
  const type = ['video/webm;codecs=vp9', 'video/webm'].find((one) =>
    globalThis.MediaRecorder?.isTypeSupported(one),
  );
  if (type === undefined || stage.canvas === null) return say('This browser cannot record a .webm.');
  const copy = stage.picture();
  const context = copy.getContext('2d') as CanvasRenderingContext2D;
  const recorder = new MediaRecorder(copy.captureStream(FRAMES_A_SECOND), {
    mimeType: type,
    videoBitsPerSecond: 6_000_000,
  });
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise((resolve) => {
    recorder.onstop = resolve;
  });
  rest(button, true);
  say('Recording one loop …');
  const { play, t } = store.state;
  stage.t = 0;
  store.set({ play: true });
  recorder.start();
  const end = performance.now() + LOOP_MS;
  while (performance.now() < end) {
    context.drawImage(stage.picture(), 0, 0, copy.width, copy.height);
    await new Promise((resolve) => setTimeout(resolve, 1000 / FRAMES_A_SECOND));
  }
  recorder.stop();
  await stopped;
  store.set({ play, t });
  rest(button, false);
  download('tributary.webm', new Blob(parts, { type: 'video/webm' }));
}

function editor(app: App): void {
  const code = embedding(app);
  if (code === '') {
    say('There is no model yet: let it learn first.');
    return;
  }
  const dialog = openDialog(
    'code',
    'This model in a page of your own',
    h('p', {}, 'Beside this file: ', h('code', {}, 'model.safetensors'), ' from the first button.'),
    h('pre', { tabindex: 0, 'aria-label': 'Code' }, h('code', {}, code)),
    h(
      'div',
      { class: 'buttons' },
      h('button', { type: 'button', class: 'primary', onclick: () => void copyText(code) }, 'Copy'),
      h('button', { type: 'button', onclick: () => download('particles.js', code) }, 'Download'),
      h('button', { type: 'button', onclick: () => dialog.close() }, 'Close'),
    ),
  );
}

export function takeAway(app: App): HTMLElement {
  const record = h(
    'button',
    { type: 'button', id: 'get-loop', onclick: () => void loop(app, record) },
    'Loop (.webm)',
  );
  const model = () => {
    if (app.lesson.bytes) download('model.safetensors', app.lesson.bytes);
    else say('There is no model yet: let it learn first.');
  };
  const link = () => {
    app.store.write();
    void copyText(location.href);
  };
  return group(
    'Take away',
    true,
    h(
      'div',
      { class: 'buttons' },
      h('button', { type: 'button', id: 'copy-link', class: 'primary', onclick: link }, 'Copy link to this'),
      h('button', { type: 'button', id: 'get-model', onclick: model }, 'Model (.safetensors)'),
      h('button', { type: 'button', id: 'get-samples', onclick: () => void samples(app) }, 'Samples (.csv)'),
      h('button', { type: 'button', id: 'get-picture', onclick: () => picture(app) }, 'Picture (.png)'),
      record,
      h('button', { type: 'button', id: 'get-code', onclick: () => editor(app) }, 'Embed it: the code'),
    ),
  );
}
