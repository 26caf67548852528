/** What a first visit needs: three things to do, on the stage itself. */
import { h } from '../dom.js';
import type { Store } from '../state.js';

const SEEN = 'tributary-seen';

function seen(): boolean {
  try {
    return localStorage.getItem(SEEN) !== null;
  } catch {
    return false;
  }
}

export function hints(store: Store, draw: () => void): HTMLElement {
  const element = h('div', { class: 'hints', role: 'region', 'aria-label': 'What to do here' });
  if (seen()) {
    element.hidden = true;
    return element;
  }
  const done = () => {
    element.remove();
    try {
      localStorage.setItem(SEEN, '1');
    } catch {
      // It shows again next time.
    }
  };
  const act = (label: string, what: () => void) => h('button', { type: 'button', onclick: what }, label);
  element.append(
    act('▶ Noise becomes data', () => store.set({ play: true })),
    act('✎ Draw your own', () => {
      done();
      draw();
    }),
    act('↻ Watch it learn', () => {
      done();
      document.getElementById('reset')?.click();
    }),
    h('button', { type: 'button', class: 'close', 'aria-label': 'Close these hints', onclick: done }, '✕'),
  );
  return element;
}
