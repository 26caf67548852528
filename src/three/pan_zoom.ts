/** A window onto the plane that a pointer, a wheel, two fingers and keys move. */
export interface Window2d {
  readonly center: readonly [number, number];
  /** What the height shows. */
  readonly span: number;
}

const STEP = 0.1;
const FACTOR = 1.25;

const within = (span: number) => Math.min(1e4, Math.max(1e-3, span));

/** Listens on an element and keeps the window; the element should be focusable for the keys to work. */
export class PanZoom {
  center: [number, number];
  span: number;
  private readonly pointers = new Map<number, { x: number; y: number }>();
  /** As it was before the first finger. */
  private before: Window2d;
  private readonly ending = new AbortController();

  /**
   * @param element whose height shows `span`
   * @param home where the key 0 and a double click go back to
   * @param onChange called after each change
   */
  constructor(
    private readonly element: HTMLElement,
    public home: Window2d,
    private readonly onChange: (window: Window2d) => void,
  ) {
    this.center = [...home.center];
    this.span = home.span;
    this.before = home;
    const { signal } = this.ending;
    const on = <K extends keyof HTMLElementEventMap>(
      type: K,
      listener: (event: HTMLElementEventMap[K]) => void,
      passive = true,
    ) => element.addEventListener(type, listener, { signal, passive });
    on('pointerdown', (event) => {
      element.setPointerCapture(event.pointerId);
      if (this.pointers.size === 0) this.before = { center: [...this.center], span: this.span };
      this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    });
    on('pointermove', (event) => this.drag(event));
    on('pointerup', ({ pointerId }) => void this.pointers.delete(pointerId));
    on('pointercancel', ({ pointerId }) => {
      // The browser scrolls the page instead: what the finger has moved until then it did not mean.
      if (this.pointers.delete(pointerId)) this.set(this.before);
    });
    on(
      'wheel',
      (event) => {
        event.preventDefault();
        this.zoom(
          Math.exp(event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015)),
          event.clientX,
          event.clientY,
        );
      },
      false,
    );
    on('dblclick', () => this.reset());
    on('keydown', (event) => this.key(event), false);
  }

  reset(): void {
    this.set(this.home);
  }

  /** @param window its span is held between 0.001 and 10 000 */
  set({ center, span }: Window2d): void {
    this.center = [...center];
    this.span = within(span);
    this.onChange(this);
  }

  private get unitsAPixel(): number {
    return this.span / Math.max(1, this.element.clientHeight);
  }

  private drag(event: PointerEvent): void {
    const last = this.pointers.get(event.pointerId);
    if (last === undefined) return;
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    const { clientX: x, clientY: y } = event;
    if (others.length > 0) {
      const [other] = others;
      const before = Math.hypot(last.x - other.x, last.y - other.y);
      const after = Math.hypot(x - other.x, y - other.y);
      if (before > 4 && after > 4) this.zoom(before / after, (x + other.x) / 2, (y + other.y) / 2);
    }
    const share = 1 / (others.length + 1);
    this.center[0] -= (x - last.x) * this.unitsAPixel * share;
    this.center[1] += (y - last.y) * this.unitsAPixel * share;
    this.pointers.set(event.pointerId, { x, y });
    this.onChange(this);
  }

  /** Keeps what lies under the pointer in its place. */
  private zoom(factor: number, clientX: number, clientY: number): void {
    const box = this.element.getBoundingClientRect();
    const right = (clientX - box.left - box.width / 2) * this.unitsAPixel;
    const up = (box.top + box.height / 2 - clientY) * this.unitsAPixel;
    const span = within(this.span * factor);
    const kept = 1 - span / this.span;
    this.center[0] += right * kept;
    this.center[1] += up * kept;
    this.span = span;
    this.onChange(this);
  }

  private key(event: KeyboardEvent): void {
    // The browser's own zoom, its way back and so on.
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const move: Record<string, readonly [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, 1],
      ArrowDown: [0, -1],
    };
    const by = move[event.key];
    if (by !== undefined) {
      this.center[0] += by[0] * STEP * this.span;
      this.center[1] += by[1] * STEP * this.span;
    } else if (event.key === '+' || event.key === '=') this.span = within(this.span / FACTOR);
    else if (event.key === '-') this.span = within(this.span * FACTOR);
    else if (event.key === '0') {
      this.center = [...this.home.center];
      this.span = this.home.span;
    } else return;
    event.preventDefault();
    this.onChange(this);
  }

  destroy(): void {
    this.ending.abort();
  }
}
