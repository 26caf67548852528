/** Buttons that move the view: for whoever cannot drag, pinch or turn a wheel. */
import type { PanZoom } from 'tributary-engine/three';
import { h, icon } from '../dom.js';

/** Share of what is seen that one press moves. */
const STEP = 0.2;
const FACTOR = 1.25;

export function viewPad(view: PanZoom): HTMLElement {
  const move = (x: number, y: number, zoom = 1) =>
    view.set({
      center: [view.center[0] + x * STEP * view.span, view.center[1] + y * STEP * view.span],
      span: view.span * zoom,
    });
  const button = (text: string, label: string, onclick: () => void) =>
    h('button', { type: 'button', 'aria-label': label, onclick }, text);
  return h(
    'details',
    { class: 'pad' },
    h(
      'summary',
      { 'aria-label': 'Move the view' },
      icon('M8 0l3 3H9v4h4V5l3 3-3 3V9H9v4h2l-3 3-3-3h2V9H3v2L0 8l3-3v2h4V3H5z'),
    ),
    h(
      'div',
      { role: 'group', 'aria-label': 'View' },
      button('+', 'Zoom in', () => move(0, 0, 1 / FACTOR)),
      button('↑', 'Up', () => move(0, 1)),
      button('−', 'Zoom out', () => move(0, 0, FACTOR)),
      button('←', 'Left', () => move(-1, 0)),
      button('All', 'All: show everything', () => view.reset()),
      button('→', 'Right', () => move(1, 0)),
      button('↓', 'Down', () => move(0, -1)),
    ),
  );
}
