import { App } from './app.js';
import type { FrameQuestion } from './lab/frame_timing.js';

const root = document.getElementById('app');
if (root !== null) {
  const app = new App(root);
  // For whoever opens the browser's console, for the tests, and for `npm run demo:frame`.
  Object.assign(globalThis, {
    tributaryDemo: app,
    tributaryFrames: async (question: FrameQuestion) =>
      (await import('./lab/frame_timing.js')).measureFrames(question),
  });
  void app.start();
}
