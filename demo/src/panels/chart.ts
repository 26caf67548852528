/** Curves over training steps, on a logarithmic scale, as SVG: colours follow the theme by themselves. */
import { h } from '../dom.js';
import type { History } from '../lab/messages.js';
import { decades, type Range, round } from './scale.js';

export interface Curve {
  readonly title: string;
  /** [step, value], by rising steps; values that are not above 0 are left out. */
  readonly points: readonly (readonly [number, number])[];
  /** Any CSS colour, such as `var(--curve-1)`. */
  readonly colour: string;
  readonly width?: number;
  readonly dash?: string;
  /** What the legend says; if left out the title and the last value. */
  readonly legend?: string;
}

export const LOSS = 'loss';
export const EXCESS = 'over the truth';

const SMOOTHING = 0.05;
/** Room for the numbers on the left, at the bottom, and for half a number on the right, in widths of a letter. */
const MARGIN = { left: 2.95, right: 1.1, top: 0.55, bottom: 1.35 };
/** CSS pixels of the usual letter, which `height` is meant for. */
const LETTER = 15;

/** A short piece of a curve, for the legend. */
function sample({ colour, dash, width = 2 }: Curve): SVGElement {
  const svg = draw('svg', { viewBox: '0 0 26 6', width: 26, height: 6, 'aria-hidden': 'true' });
  const path = draw('path', { d: 'M0 3H26', 'stroke-width': Math.max(2, width) });
  path.style.stroke = colour;
  if (dash !== undefined) path.style.strokeDasharray = dash;
  svg.append(path);
  return svg;
}

/** A moving average of the losses, which scatter. */
export function smoothed(loss: readonly (readonly [number, number])[]): [number, number][] {
  let mean = loss[0]?.[1] ?? 0;
  return loss.map(([step, value]) => {
    mean += SMOOTHING * (value - mean);
    return [step, mean];
  });
}

/**
 * Curves of models that may follow different paths: an excess in units of a path's velocity says nothing beside
 * another's, so each is divided by what memorising the training points would cost there. At 1 a model is as far from
 * the truth as one that has learned them by heart.
 */
export function comparableCurves(history: History): Curve[] {
  const { memorising } = history;
  return historyCurves(history).flatMap((curve) => {
    if (curve.title === LOSS) return [curve];
    if (curve.title !== EXCESS || memorising === null || memorising <= 0) return [];
    const points = curve.points.map(([step, value]) => [step, value / memorising] as const);
    return [{ ...curve, points }];
  });
}

/** What a lesson's chart shows. */
export function historyCurves(history: History): Curve[] {
  const curves: Curve[] = [
    { title: LOSS, points: smoothed(history.loss), colour: 'var(--curve-1)', width: 1.5 },
    {
      title: EXCESS,
      points: history.excess.flatMap(({ step, overOracle }) =>
        overOracle === null ? [] : [[step, overOracle] as const],
      ),
      colour: 'var(--curve-2)',
      width: 2.5,
    },
    {
      title: 'over memorising',
      points: history.excess.map(({ step, overMemorising }) => [step, overMemorising] as const),
      colour: 'var(--curve-3)',
      dash: '6 4',
    },
  ];
  return curves.filter(({ points }) => points.length > 0);
}

export function draw<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>>,
  text = '',
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.textContent = text;
  return element;
}

/** A curve's path: one point a column of pixels is as fine as it can be seen. */
function pathOf(points: Curve['points'], x: (step: number) => number, y: (value: number) => number): string {
  const columns = new Map<number, string>();
  for (const [step, value] of points) {
    if (value > 0) columns.set(Math.round(x(step)), `${x(step).toFixed(1)} ${y(value).toFixed(1)}`);
  }
  if (columns.size === 0) return '';
  // A value that stands alone is seen as well.
  const alone = columns.size === 1 ? 'm-4 0h4' : '';
  return `M${[...columns.values()].join('L')}${alone}`;
}

export class Chart {
  readonly element: HTMLElement;
  private readonly plot = h('div', { class: 'plot' });
  private readonly legend = h('ul', { class: 'legend' });
  private curves: readonly Curve[] = [];
  private waiting = false;
  /** Curves of another chart, whose steps the axis shows as well. */
  beside: readonly Curve[] = [];

  /** @param label what a reader who does not see it is told */
  constructor(
    label: string,
    private readonly height = 150,
  ) {
    this.element = h(
      'figure',
      // Room from the beginning: what comes after it is not to move under a finger.
      { class: 'chart', role: 'group', 'aria-label': label, style: `min-height: ${height}px` },
      this.plot,
      this.legend,
    );
    new ResizeObserver(() => this.show(this.curves)).observe(this.plot);
  }

  show(curves: readonly Curve[]): void {
    this.curves = curves;
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.render();
    });
  }

  private render(): void {
    const { curves, plot } = this;
    const width = plot.clientWidth;
    // With the visitor's own size of letters.
    const em = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const height = this.height * Math.max(1, em / LETTER);
    const margin = { left: 0, right: 0, top: 0, bottom: 0 };
    for (const side of Object.keys(MARGIN) as (keyof typeof MARGIN)[]) margin[side] = MARGIN[side] * em;
    const shown = curves.flatMap(({ points }) => points.filter(([, value]) => value > 0));
    if (width === 0 || shown.length === 0) {
      plot.replaceChildren();
      this.legend.replaceChildren();
      return;
    }
    const beside = this.beside.flatMap(({ points }) => points);
    const steps = [...shown, ...beside].map(([step]) => step).reduce(widen, EMPTY);
    const values = decades(shown.map(([, value]) => value).reduce(widen, EMPTY));
    const inner = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
    const x = (step: number) =>
      margin.left + (inner.width * (step - steps.low)) / Math.max(1, steps.high - steps.low);
    const y = (value: number) =>
      margin.top +
      (inner.height * Math.log(values.high / value)) / Math.max(1e-9, Math.log(values.high / values.low));
    const svg = draw('svg', { width, height, 'aria-hidden': 'true' });
    for (const value of values.ticks) {
      svg.append(
        draw('line', {
          class: 'grid',
          x1: margin.left,
          x2: width - margin.right,
          y1: y(value),
          y2: y(value),
        }),
        draw('text', { x: margin.left - 6, y: y(value) + em / 4, 'text-anchor': 'end' }, String(value)),
      );
    }
    for (const step of round(steps, Math.max(2, Math.floor(inner.width / (4 * em))))) {
      svg.append(
        draw('line', { class: 'grid', x1: x(step), x2: x(step), y1: margin.top, y2: height - margin.bottom }),
        draw('text', { x: x(step), y: height - 4, 'text-anchor': 'middle' }, step.toLocaleString('en')),
      );
    }
    for (const { points, colour, width: stroke = 2, dash } of curves) {
      const path = draw('path', { d: pathOf(points, x, y), 'stroke-width': stroke });
      path.style.stroke = colour;
      if (dash !== undefined) path.style.strokeDasharray = dash;
      svg.append(path);
    }
    plot.replaceChildren(svg);
    this.legend.replaceChildren(
      ...curves.map((curve) => {
        const last = curve.points.at(-1);
        return h(
          'li',
          {},
          sample(curve),
          curve.legend ?? `${curve.title} ${last === undefined ? '' : last[1].toPrecision(3)}`,
        );
      }),
    );
  }
}

const EMPTY: Range = { low: Infinity, high: -Infinity };

const widen = ({ low, high }: Range, value: number): Range => ({
  low: Math.min(low, value),
  high: Math.max(high, value),
});
