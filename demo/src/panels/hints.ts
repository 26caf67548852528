/** What a first visit needs: one line that says what is seen, and three things to do. */
import { h } from '../dom.js';
import { jumpPlace } from '../lab/way.js';

const SEEN = 'tributary-seen';

function seen(): boolean {
  try {
    return localStorage.getItem(SEEN) !== null;
  } catch {
    return false;
  }
}

/** What the particles are at a time. */
function caption(t: number, jumps: number): string {
  const { begun, resting } = jumpPlace(t, jumps);
  if (jumps > 0 ? resting && begun === 0 : t <= 0) return 'Pure noise';
  if (jumps > 0 ? resting && begun === jumps : t >= 1) return 'Noise has become data';
  return jumps > 0 ? 'A network turns noise into data' : 'A network moves every dot';
}

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
    this.show(0, 0);
  }

  /** Shows them to whoever asks. */
  open(): void {
    this.element.hidden = false;
    this.element.querySelector('button')?.focus();
  }

  show(t: number, jumps: number): void {
    const text = caption(t, jumps);
    // On every frame: what reads the same is left alone.
    if (text === this.said) return;
    this.said = text;
    this.caption.textContent = text;
  }
}
