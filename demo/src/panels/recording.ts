/** A short film of the stage: one loop from noise to data, and the rest at its end. */
import { loopSeconds, timeOfLoop } from '../scene/loop.js';
import type { Stage } from '../scene/stage.js';

const FRAMES_A_SECOND = 30;
const BITS_A_SECOND = 6_000_000;
/** Milliseconds to wait for trajectories that are still being computed: learning may begin them anew for ever. */
const PATIENCE = 20_000;

/** Milliseconds for the last frame to be recorded. */
const TAIL = 200;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The kind of film that this browser records, or nothing. */
export const filmType = (): string | undefined =>
  ['video/webm;codecs=vp9', 'video/webm'].find((type) => globalThis.MediaRecorder?.isTypeSupported(type));

/**
 * Plays and records one loop, in the time that it takes at this speed. Who calls it stops the stage's own clock before.
 * @param type of `filmType`
 */
export async function record(stage: Stage, speed: number, type: string): Promise<Blob> {
  const asked = performance.now();
  const known = () => stage.panes.every(({ runner }) => runner?.reach === 1);
  while (!known() && performance.now() - asked < PATIENCE) await pause(50);
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
  recorder.start();
  const start = performance.now();
  for (let seconds = 0; seconds < loopSeconds(speed); seconds = (performance.now() - start) / 1000) {
    stage.t = timeOfLoop(seconds, speed);
    context.drawImage(stage.picture(), 0, 0, film.width, film.height);
    await pause(1000 / FRAMES_A_SECOND);
  }
  // What was drawn last is still on its way into the film.
  await pause(TAIL);
  recorder.stop();
  await ended;
  return new Blob(parts, { type: 'video/webm' });
}
