/** A short film of the stage: one loop from noise to data, and the rest at its end. */
import { loopSeconds, timeOfLoop } from '../scene/loop.js';
import type { Stage } from '../scene/stage.js';

const FRAMES_A_SECOND = 30;
const BITS_A_SECOND = 6_000_000;
/** Milliseconds to wait for the recorder, and for trajectories: learning may begin them anew for ever. */
const PATIENCE = 10_000;
/** Seconds that the particles go on from one picture to the next at most: on a slow device too they move. */
const LONGEST_STEP = 0.1;

/** Milliseconds of film that come at a time. */
const SLICE = 100;
/** Milliseconds that a page which is not shown waits instead of a frame. */
const HIDDEN = 250;
/** Milliseconds in which a last frame must have been recorded. */
const TAIL = 1500;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A frame of film, and one of the page's own at least: what is drawn before it is not seen, nor recorded. */
const nextFrame = () =>
  Promise.all([
    pause(1000 / FRAMES_A_SECOND),
    // A page that is not shown has none.
    Promise.race([new Promise((resolve) => requestAnimationFrame(resolve)), pause(HIDDEN)]),
  ]);

/** The kind of film that this browser records, or nothing. */
export const filmType = (): string | undefined =>
  ['video/webm;codecs=vp9', 'video/webm'].find((type) => globalThis.MediaRecorder?.isTypeSupported(type));

/** What must stay as it is while a film is made of it: else its end would not fit its beginning. */
function frameOf({ element, panes, paints }: Stage) {
  const { clientWidth: width, clientHeight: height } = element;
  return { count: panes.length, paints, width, height };
}

/**
 * Plays and records one loop, in the time that it takes at this speed; longer where frames take long. Who calls it stops
 * the stage's own clock before.
 * @param type of `filmType`
 * @param changed says what of the scene has changed since the beginning, or nothing
 * @throws Error when something has
 */
export async function record(
  stage: Stage,
  speed: number,
  type: string,
  changed: () => string,
): Promise<Blob> {
  const first = frameOf(stage);
  const check = () => {
    const { count, paints, width, height } = frameOf(stage);
    let what = changed();
    if (what === '' && paints !== first.paints) what = 'the device';
    if (what === '' && count !== first.count) what = 'the number of panes';
    if (what === '' && (width !== first.width || height !== first.height)) what = 'the size of the stage';
    if (what !== '') throw new Error(`The recording was stopped: ${what} changed in the middle of it.`);
  };
  const asked = performance.now();
  const known = () => stage.panes.every(({ runner, empty }) => empty || runner?.reach === 1);
  while (!known() && performance.now() - asked < PATIENCE) {
    await pause(50);
    check();
  }
  stage.t = 0;
  const film = stage.picture();
  const context = film.getContext('2d') as CanvasRenderingContext2D;
  const recorder = new MediaRecorder(film.captureStream(FRAMES_A_SECOND), {
    mimeType: type,
    videoBitsPerSecond: BITS_A_SECOND,
  });
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const ended = new Promise<void>((resolve, reject) => {
    recorder.onstop = () => resolve();
    recorder.onerror = () => reject(new Error('The browser stopped recording.'));
  });
  const draw = (t: number) => {
    check();
    stage.t = t;
    context.drawImage(stage.picture(), 0, 0, film.width, film.height);
  };
  recorder.start(SLICE);
  try {
    await play(speed, draw, () => parts.reduce((sum, { size }) => sum + size, 0));
  } finally {
    recorder.stop();
  }
  await ended;
  return new Blob(parts, { type: 'video/webm' });
}

/**
 * @param draw puts the stage at a time on the film
 * @param recorded how many bytes there are of it
 */
async function play(speed: number, draw: (t: number) => void, recorded: () => number): Promise<void> {
  // A film begins with the first picture that the recorder gets hold of, which takes a slow device a while.
  const begun = performance.now();
  while (recorded() === 0 && performance.now() - begun < PATIENCE) {
    draw(0);
    await nextFrame();
  }
  let before = performance.now();
  for (let seconds = 0; seconds < loopSeconds(speed); ) {
    draw(timeOfLoop(seconds, speed));
    await nextFrame();
    const now = performance.now();
    seconds += Math.min(LONGEST_STEP, (now - before) / 1000);
    before = now;
  }
  // What was drawn last is still on its way into the film, on a slow device for a while.
  for (let frame = 0; frame < 2; frame++) {
    const size = recorded();
    const drawn = performance.now();
    draw(1);
    while (recorded() === size && performance.now() - drawn < TAIL) await pause(20);
  }
}
