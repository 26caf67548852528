/** What is written on the stage: what its colours mean, and where particles are that are not seen. */
import { h, short } from '../dom.js';
import type { Pane } from './pane.js';

export class Notes {
  private readonly bar = h('i');
  private readonly words = h('span');
  private readonly ramp = h('p', { class: 'ramp' }, this.bar, this.words);
  private readonly fit: HTMLButtonElement;
  readonly elements: readonly HTMLElement[];
  private shown: unknown = null;
  private state = -1;

  /** @param toggle has the window follow the particles, or stop */
  constructor(toggle: () => void) {
    this.ramp.hidden = true;
    this.fit = h('button', { type: 'button', class: 'fit', id: 'fit', hidden: true, onclick: toggle });
    this.elements = [this.ramp, this.fit];
  }

  /** Called on every frame: what reads the same is left alone. */
  show(panes: readonly Pane[], far: boolean, follows: boolean): void {
    const state = follows ? 2 : far ? 1 : 0;
    if (state !== this.state) {
      this.state = state;
      this.fit.hidden = state === 0;
      this.fit.setAttribute('aria-pressed', String(follows));
      this.fit.textContent = follows ? 'The window follows: stop' : 'Most particles are outside: follow them';
    }
    const pane = panes.length > 0 ? panes[0] : null;
    if (pane === null || pane.paint === this.shown) return;
    this.shown = pane.paint;
    const { paint, palette } = pane;
    this.ramp.hidden = !('low' in paint);
    if (!('low' in paint)) return;
    const colours = palette.map((colour) => `rgb(${colour.map((part) => 255 * part).join(' ')})`);
    this.bar.style.background = `linear-gradient(90deg, ${colours.join()})`;
    const what = paint.by === 'speed' ? 'speed' : panes.length > 1 ? 'log p, the first pane’s' : 'log p';
    this.words.textContent = `${what}, ${short(paint.low)} to ${short(paint.high)}`;
  }
}
