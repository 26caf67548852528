/** Play, pause, and the slider from noise to data. */
import { h, icon } from '../dom.js';
import { jumpPlace } from '../lab/way.js';
import type { Store } from '../store.js';

export class TimeBar {
  readonly element: HTMLElement;
  private readonly slider: HTMLInputElement;
  private readonly output = h('output', { for: 'time' });
  private readonly button: HTMLButtonElement;
  /** The slider's. */
  private t = -1;
  /** The time that the text says, in hundredths. */
  private said = -1;
  /** In how many steps what is seen jumps; 0 where it moves in time. */
  private jumps = 0;

  constructor(
    private readonly store: Store,
    private readonly actions: {
      play(on: boolean): void;
      seek(t: number): void;
      shown(t: number, jumps: number): void;
    },
  ) {
    this.button = h('button', {
      type: 'button',
      id: 'play',
      class: 'play',
      onclick: () => actions.play(!store.state.play),
    });
    this.slider = h('input', {
      type: 'range',
      id: 'time',
      min: 0,
      max: 1,
      step: 0.001,
      oninput: () => actions.seek(Number(this.slider.value)),
    });
    const speed = h('select', { id: 'speed', onchange: () => store.set({ speed: Number(speed.value) }) });
    for (const value of [0.25, 0.5, 1, 2, 4]) speed.append(h('option', { value }, `${value}×`));
    this.element = h(
      'div',
      { class: 'timebar' },
      this.button,
      h('span', { class: 'end', 'aria-hidden': 'true' }, 'noise'),
      h('label', { for: 'time', class: 'visually-hidden' }, 'Time, from 0 (noise) to 1 (data)'),
      this.slider,
      h('span', { class: 'end', 'aria-hidden': 'true' }, 'data'),
      this.output,
      h('label', { for: 'speed', class: 'visually-hidden' }, 'Speed'),
      speed,
    );
    const update = () => {
      const { play } = store.state;
      this.button.setAttribute('aria-label', play ? 'Pause' : 'Play');
      this.button.replaceChildren(icon(play ? 'M3 2h4v12H3zM9 2h4v12H9z' : 'M3 1.5v13l11-6.5z'));
      const text = String(store.state.speed);
      if (![...speed.options].some((option) => option.value === text))
        speed.append(h('option', { value: text }, `${text}×`));
      speed.value = text;
    };
    store.on(update);
    update();
  }

  /**
   * Called on every frame: what reads the same is left alone.
   * @param t where the slider stands
   * @param seen the time of what is seen
   * @param jumps in how many steps it jumps; 0 where it moves in time
   */
  show(t: number, seen: number, jumps = 0): void {
    const free = document.activeElement !== this.slider || this.store.state.play;
    if (free && t !== this.t) this.slider.valueAsNumber = this.t = t;
    this.actions.shown(seen, jumps);
    const hundredths = Math.round(100 * seen);
    if (hundredths === this.said && jumps === this.jumps) return;
    this.said = hundredths;
    this.jumps = jumps;
    const text =
      jumps > 0 ? `step ${jumpPlace(seen, jumps).begun} of ${jumps}` : `t = ${(hundredths / 100).toFixed(2)}`;
    this.output.textContent = text;
    this.slider.setAttribute('aria-valuetext', text);
  }

  toggle(): void {
    this.actions.play(!this.store.state.play);
  }
}
