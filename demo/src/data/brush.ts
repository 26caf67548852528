/** Drawing a density with a brush. */
import { h, openDialog, say } from '../dom.js';
import { theme } from '../theme.js';
import { densityOf, encodeDensity, GRID } from './custom.js';

const SIZE = 384;

/**
 * Opens the drawing dialog.
 * @param before a text to begin from; only a drawn density can be gone on with
 * @param onDone gets the new text
 */
export function openBrush(before: string, onDone: (custom: string) => void): void {
  const cells = Float32Array.from(densityOf(before) ?? new Uint8Array(GRID * GRID));
  const canvas = h('canvas', {
    width: SIZE,
    height: SIZE,
    class: 'brush',
    tabindex: 0,
    role: 'application',
    'aria-label': 'Drawing area. Arrow keys move the brush, space paints, shift with an arrow draws a line.',
  });
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const size = h('input', { type: 'range', id: 'brush-size', min: 1, max: 6, step: 0.5, value: 2 });
  const cursor = { x: GRID / 2, y: GRID / 2, shown: false };

  const paint = () => {
    const side = SIZE / GRID;
    const [red, green, blue] = theme().labels[0].map((value) => Math.round(255 * value));
    context.clearRect(0, 0, SIZE, SIZE);
    cells.forEach((value, i) => {
      if (value <= 0) return;
      context.fillStyle = `rgb(${red} ${green} ${blue} / ${Math.min(1, value / 15)})`;
      context.fillRect((i % GRID) * side, Math.floor(i / GRID) * side, side, side);
    });
    if (cursor.shown) {
      context.strokeStyle = theme().ink.truth;
      context.lineWidth = 2;
      context.beginPath();
      context.arc(cursor.x * side, cursor.y * side, Number(size.value) * side, 0, 2 * Math.PI);
      context.stroke();
    }
  };
  const dab = (x: number, y: number) => {
    const radius = Number(size.value);
    for (let row = 0; row < GRID; row++) {
      for (let column = 0; column < GRID; column++) {
        const far = Math.hypot(column + 0.5 - x, row + 0.5 - y) / radius;
        if (far < 1)
          cells[row * GRID + column] = Math.min(15, cells[row * GRID + column] + 9 * (1 - far * far));
      }
    }
    paint();
  };
  const place = (event: PointerEvent): [number, number] => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * GRID, ((event.clientY - box.top) / box.height) * GRID];
  };
  let last: [number, number] | null = null;
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    dab(...last);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (last === null) return;
    const next = place(event);
    const steps = Math.max(1, Math.ceil(Math.hypot(next[0] - last[0], next[1] - last[1])));
    for (let i = 1; i <= steps; i++) {
      dab(last[0] + ((next[0] - last[0]) * i) / steps, last[1] + ((next[1] - last[1]) * i) / steps);
    }
    last = next;
  });
  for (const type of ['pointerup', 'pointercancel'] as const) {
    canvas.addEventListener(type, () => {
      last = null;
    });
  }
  canvas.addEventListener('keydown', (event) => {
    // The browser's own, such as Alt and an arrow.
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const by: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const move = by[event.key];
    if (move) {
      cursor.x = Math.min(GRID, Math.max(0, cursor.x + move[0]));
      cursor.y = Math.min(GRID, Math.max(0, cursor.y + move[1]));
    } else if (event.key !== ' ') return;
    event.preventDefault();
    cursor.shown = true;
    // Shift draws a line, as a pointer that is held down does.
    if (event.key === ' ' || event.shiftKey) dab(cursor.x, cursor.y);
    else paint();
  });
  canvas.addEventListener('focus', () => {
    cursor.shown = canvas.matches(':focus-visible');
    paint();
  });

  const dialog = openDialog(
    'drawing',
    'Draw where data should be',
    canvas,
    h('div', { class: 'field' }, h('label', { for: 'brush-size' }, 'Brush'), size),
    h(
      'div',
      { class: 'buttons' },
      h(
        'button',
        {
          type: 'button',
          class: 'primary',
          id: 'brush-done',
          onclick: () => {
            if (!cells.some((value) => value > 0)) return say('Draw something first.');
            dialog.close();
            onDone(encodeDensity(cells));
          },
        },
        'Learn this',
      ),
      h(
        'button',
        {
          type: 'button',
          onclick: () => {
            cells.fill(0);
            paint();
          },
        },
        'Clear',
      ),
      h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'),
    ),
  );
  paint();
}
