/** What a first visit needs: one line that says what is seen, and three things to do. */
import { h } from '../dom.js';

const SEEN = 'tributary-seen';

function seen(): boolean {
  try {
    return localStorage.getItem(SEEN) !== null;
  } catch {
    return false;
  }
}

/** What the particles are at a time. */
const caption = (t: number) =>
  t <= 0 ? 'Pure noise' : t < 1 ? 'A network moves every dot' : 'Noise has become data';

export class Hints {
  readonly element: HTMLElement;
  private readonly caption = h('p');
  private said = '';

  /** @param rest where the keyboard goes on once the hints are closed */
  constructor(actions: { play(): void; draw(): void; learn(): void }, rest: () => void) {
    const close = () => {
      this.element.hidden = true;
      rest();
      try {
        localStorage.setItem(SEEN, '1');
      } catch {
        // It shows again next time.
      }
    };
    const act = (label: string, what: () => void) => h('button', { type: 'button', onclick: what }, label);
    const after = (what: () => void) => () => {
      close();
      what();
    };
    this.element = h(
      'div',
      { class: 'hints', role: 'region', 'aria-label': 'What to do here' },
      this.caption,
      h(
        'div',
        { class: 'buttons' },
        act('▶ Play', actions.play),
        act('✎ Draw your own', after(actions.draw)),
        act('↻ Watch it learn', after(actions.learn)),
        h(
          'button',
          { type: 'button', class: 'close', 'aria-label': 'Close these hints', onclick: close },
          '✕',
        ),
      ),
    );
    this.element.hidden = seen();
    this.show(0);
  }

  /** Shows them to whoever asks. */
  open(): void {
    this.element.hidden = false;
    this.element.querySelector('button')?.focus();
  }

  show(t: number): void {
    const text = caption(t);
    // On every frame: what reads the same is left alone.
    if (text === this.said) return;
    this.said = text;
    this.caption.textContent = text;
  }
}
