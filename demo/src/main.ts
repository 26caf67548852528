import { App } from './app.js';
import { h, say } from './dom.js';
import { wordsOf } from './lab/fetched.js';
import type { FrameQuestion } from './lab/frame_timing.js';

/** What nothing else has caught: said in one line, and the page stays as it is for the next choice. */
function sayStray(error: unknown): void {
  say(`Something on this page went wrong: ${wordsOf(error)}. Choose again, or reload the page.`);
}

addEventListener('unhandledrejection', ({ reason }) => sayStray(reason));
// Browsers tell of much that is no error of a script, such as a layout that needs another frame.
addEventListener('error', ({ error }) => {
  if (error !== undefined && error !== null) sayStray(error);
});

/** In place of a page that could not be made: why, and the way out. */
function sayNothingElse(root: HTMLElement, error: unknown): void {
  const usual = () => {
    location.hash = '';
    location.reload();
  };
  root.replaceChildren(
    h(
      'main',
      { class: 'page' },
      h('p', { role: 'alert' }, `This page cannot show what its address asks for: ${wordsOf(error)}`),
      h('button', { type: 'button', class: 'primary', onclick: usual }, 'Show the usual model'),
    ),
  );
}

const root = document.getElementById('app');
if (root !== null) {
  try {
    const app = new App(root);
    // For whoever opens the browser's console, for the tests, and for `npm run demo:frame`.
    Object.assign(globalThis, {
      tributaryDemo: app,
      tributaryFrames: async (question: FrameQuestion) =>
        (await import('./lab/frame_timing.js')).measureFrames(question),
    });
    app.start().catch(sayStray);
  } catch (error) {
    sayNothingElse(root, error);
  }
}
