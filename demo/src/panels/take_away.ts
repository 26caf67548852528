/** Downloads: the model, its samples, a picture, a loop, and the lines that embed it. */
import { encodeCsv } from 'tributary-engine';
import type { App } from '../app.js';
import { DATA, MODEL, RIVALS, SAMPLING, touches } from '../changes.js';
import { originOf } from '../data/custom.js';
import { copyText, download, h, openDialog, rest, say } from '../dom.js';
import { labelsOf } from '../lab/recipe.js';
import { loopSeconds } from '../scene/loop.js';
import { CUSTOM, type Key } from '../state.js';
import { embedding } from './embedding.js';
import { group } from './fields.js';
import { filmType, record } from './recording.js';

/** Beyond it chat programs cut a link: Discord at 2000 characters, others later. */
const LONG_LINK = 2000;

const NO_MODEL = 'There is no model yet: let it learn first.';

/** The model whose particles are seen first, or nothing where there are none. */
const seen = ({ stage }: App) => stage.panes.find(({ runner }) => runner?.shown)?.runner?.shown;

/** What a file is called without its ending: the data and the family of what is seen, or of what is chosen. */
function nameOf(app: App): string {
  const { data, family } = seen(app) ?? app.store.state;
  return `${data}-${family}`.replace(/[^a-z0-9]+/gi, '-').toLowerCase();
}

async function samples(app: App): Promise<void> {
  const runner = app.stage.panes[0]?.runner;
  const { bytes, config } = app.lesson;
  if (!runner || bytes === null || config === null) return say(NO_MODEL);
  const { state } = app.store;
  const { label } = app.sampling(false);
  const points = await runner.samples();
  const n = points.length / 2;
  const { offset, scale } = originOf(state.data === CUSTOM ? state.custom : '');
  const own = points.map((value, i) => value * scale + offset[i % 2]);
  download(`${nameOf(app)}-samples.csv`, encodeCsv(own, n, 2, labelsOf(config, n, label), ['x', 'y']));
}

function picture(app: App): void {
  if (!seen(app)) {
    say(NO_MODEL);
    return;
  }
  app.stage.picture().toBlob((blob) => {
    if (blob) download(`${nameOf(app)}.png`, blob);
    else say('The browser makes no picture of this size: make the window smaller.');
  }, 'image/png');
}

/** What of the scene a change spoils a film of, or nothing: colours and the window may change. */
function spoiled(changed: ReadonlySet<Key>): string {
  if (changed.has('view')) return 'the view';
  if (touches(changed, DATA)) return 'the data';
  if (touches(changed, MODEL, RIVALS)) return 'the model';
  if (touches(changed, SAMPLING)) return 'the sampling';
  return changed.has('backend') ? 'the device' : '';
}

/** What has happened while a film is recorded. */
interface Meanwhile {
  /** What the visitor has changed of the scene. */
  spoiled: string;
  /** Whether the visitor has moved or stopped the time. */
  timed: boolean;
}

/** Records the stage from t = 0 to its rest. */
async function loop(app: App, button: HTMLButtonElement, meanwhile: Meanwhile): Promise<void> {
  const { stage, store } = app;
  const type = filmType();
  if (type === undefined) return say('This browser cannot record a .webm.');
  if (app.lesson.bytes === null || !seen(app)) return say(NO_MODEL);
  const { play, t, speed } = store.state;
  rest(button, true);
  say(`Recording one loop: ${loopSeconds(speed).toFixed(0)} seconds …`);
  try {
    store.set({ play: false });
    Object.assign(meanwhile, { spoiled: '', timed: false });
    download(`${nameOf(app)}.webm`, await record(stage, speed, type, () => meanwhile.spoiled));
  } finally {
    if (!meanwhile.timed) store.set({ play, t });
    // A time that the visitor has chosen is shown again; what the visitor plays goes on.
    if (!store.state.play || !meanwhile.timed) stage.t = store.state.t;
    rest(button, false);
  }
}

async function copyLink({ store }: App): Promise<void> {
  store.write();
  const { href } = location;
  const long = `Copied: ${href.length.toLocaleString('en')} characters, for your own data are in it. Some chat programs cut links beyond ${LONG_LINK.toLocaleString('en')}.`;
  await copyText(href, href.length > LONG_LINK ? long : 'Copied.', 'in the address bar');
}

function editor(app: App): void {
  const code = embedding(app);
  if (code === '') {
    say(NO_MODEL);
    return;
  }
  const dialog = openDialog(
    'code',
    'This model in a page of your own',
    h('p', {}, 'Beside this file: ', h('code', {}, 'model.safetensors'), ' from the button “Model”.'),
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
  const meanwhile: Meanwhile = { spoiled: '', timed: false };
  app.store.on((changed) => {
    meanwhile.spoiled ||= spoiled(changed);
    meanwhile.timed ||= changed.has('play') || changed.has('t');
  });
  const film = h(
    'button',
    { type: 'button', id: 'get-loop', onclick: () => told(loop(app, film, meanwhile)) },
    'Loop (.webm)',
  );
  const model = () => {
    if (app.lesson.bytes) download('model.safetensors', app.lesson.bytes);
    else say(NO_MODEL);
  };
  const told = (work: Promise<void>) => void work.catch((error: Error) => say(error.message));
  return group(
    'Take away',
    true,
    h(
      'div',
      { class: 'buttons' },
      h(
        'button',
        { type: 'button', id: 'copy-link', class: 'primary', onclick: () => told(copyLink(app)) },
        'Copy link to this',
      ),
      h('button', { type: 'button', id: 'get-model', onclick: model }, 'Model (.safetensors)'),
      h('button', { type: 'button', id: 'get-samples', onclick: () => told(samples(app)) }, 'Samples (.csv)'),
      h('button', { type: 'button', id: 'get-picture', onclick: () => picture(app) }, 'Picture (.png)'),
      film,
      h('button', { type: 'button', id: 'get-code', onclick: () => editor(app) }, 'Embed it: the code'),
    ),
  );
}
