/** What is written on the stage: what its colours mean, and where particles are that are not seen. */
import { fill, h, short } from '../dom.js';
import type { Paint } from './painter.js';
import type { Pane } from './pane.js';

/** Where a ramp ends. */
const endOf = (paint: Paint): number => ('high' in paint ? paint.high : 0);

/** What the button offers. */
const OFFERS = {
  nothing: '',
  follow: 'Most particles are outside: follow them',
  stop: 'The window follows: stop',
  all: 'Hardly any particles here: show all',
};
export type Offer = keyof typeof OFFERS;

export class Notes {
  private readonly bar = h('i');
  private readonly words = h('span');
  private readonly ramp = h('p', { class: 'ramp' }, this.bar, this.words);
  private readonly fit: HTMLButtonElement;
  readonly elements: readonly HTMLElement[];
  private shown: unknown = null;
  private differ = false;
  private offer: Offer = 'nothing';

  /**
   * @param toggle has the window follow the particles, or stop
   * @param showAll brings the window back to where they are
   */
  constructor(toggle: () => void, showAll: () => void) {
    this.ramp.hidden = true;
    const act = () => (this.offer === 'all' ? showAll() : toggle());
    this.fit = h('button', { type: 'button', class: 'fit', id: 'fit', hidden: true, onclick: act });
    this.elements = [this.ramp, this.fit];
  }

  /** Called on every frame: what reads the same is left alone. */
  show(panes: readonly Pane[], offer: Offer): void {
    if (offer !== this.offer) {
      this.offer = offer;
      this.fit.hidden = offer === 'nothing';
      if (offer === 'all') this.fit.removeAttribute('aria-pressed');
      else this.fit.setAttribute('aria-pressed', String(offer === 'stop'));
      const [why, what] = OFFERS[offer].split(/(?<=: )/);
      // Between the titles of several panes there is room for the second part only.
      fill(this.fit, h('span', {}, why), what ?? '');
    }
    const pane = panes.length > 0 ? panes[0] : null;
    if (pane === null) return;
    let differ = false;
    for (const { paint } of panes) differ ||= endOf(paint) !== endOf(pane.paint);
    if (pane.paint === this.shown && differ === this.differ) return;
    this.shown = pane.paint;
    this.differ = differ;
    const { paint, palette } = pane;
    this.ramp.hidden = !('low' in paint);
    if (!('low' in paint)) return;
    const colours = palette.map((colour) => `rgb(${colour.map((part) => 255 * part).join(' ')})`);
    this.bar.style.background = `linear-gradient(90deg, ${colours.join()})`;
    const what = paint.by === 'speed' ? 'speed' : 'log p';
    this.words.textContent = `${what}${differ ? ', the first pane’s' : ''}, ${short(paint.low)} to ${short(paint.high)}`;
  }
}
