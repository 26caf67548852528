/** Curves over training steps; uPlot is fetched when there is something to draw. */
import type uPlot from 'uplot';
import { h } from '../dom.js';
import type { History } from '../lab/messages.js';

export interface Curve {
  readonly title: string;
  readonly points: readonly (readonly [number, number])[];
  readonly colour: string;
  readonly width?: number;
  readonly dash?: number[];
}

const SMOOTHING = 0.05;

/** A moving average of the losses, which scatter. */
export function smoothed(loss: readonly (readonly [number, number])[]): [number, number][] {
  let mean = loss[0]?.[1] ?? 0;
  return loss.map(([step, value]) => {
    mean += SMOOTHING * (value - mean);
    return [step, mean];
  });
}

const css = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** What a lesson's chart shows. */
export function historyCurves(history: History): Curve[] {
  const curves: Curve[] = [
    { title: 'loss', points: smoothed(history.loss), colour: css('--curve-1'), width: 1.5 },
    {
      title: 'excess over the truth',
      points: history.excess.flatMap(({ step, overOracle }) =>
        overOracle === null ? [] : [[step, overOracle] as const],
      ),
      colour: css('--curve-2'),
      width: 2.5,
    },
    {
      title: 'excess over memorising',
      points: history.excess.map(({ step, overMemorising }) => [step, overMemorising] as const),
      colour: css('--curve-3'),
      width: 2,
      dash: [6, 4],
    },
  ];
  return curves.filter(({ points }) => points.length > 0);
}

export class Chart {
  readonly element: HTMLElement;
  private readonly plotAt = h('div', { class: 'plot' });
  private readonly legend = h('ul', { class: 'legend' });
  private plot: uPlot | null = null;
  private shape = '';
  private wanted: readonly Curve[] = [];
  private drawing = false;

  /** @param label what a reader who does not see it is told */
  constructor(
    label: string,
    private readonly height = 150,
  ) {
    this.element = h(
      'figure',
      { class: 'chart', role: 'group', 'aria-label': label },
      this.plotAt,
      this.legend,
    );
    new ResizeObserver(() => {
      this.plot?.setSize({ width: this.plotAt.clientWidth, height: this.height });
    }).observe(this.plotAt);
  }

  show(curves: readonly Curve[]): void {
    this.wanted = curves;
    if (!this.drawing) {
      this.drawing = true;
      requestAnimationFrame(() => {
        void this.draw().finally(() => {
          this.drawing = false;
        });
      });
    }
  }

  private async draw(): Promise<void> {
    const { default: Plot } = await import('uplot');
    const curves = this.wanted;
    if (!this.element.isConnected || this.plotAt.clientWidth === 0) return;
    this.legend.replaceChildren(
      ...curves.map(({ title, colour, points, dash }) => {
        const last = points.at(-1);
        const line = h('i', { style: `border-top: 3px ${dash ? 'dashed' : 'solid'} ${colour}` });
        return h('li', {}, line, `${title} ${last === undefined ? '' : last[1].toPrecision(3)}`);
      }),
    );
    const steps = [...new Set(curves.flatMap(({ points }) => points.map(([step]) => step)))].sort(
      (a, b) => a - b,
    );
    const index = new Map(steps.map((step, i) => [step, i]));
    const rows = curves.map(({ points }) => {
      const row = new Array<number | null>(steps.length).fill(null);
      for (const [step, value] of points) row[index.get(step) as number] = value > 0 ? value : null;
      return row;
    });
    const data = [steps, ...rows] as unknown as uPlot.AlignedData;
    const shape = JSON.stringify(curves.map(({ title, colour }) => [title, colour]));
    if (this.plot !== null && shape === this.shape) {
      this.plot.setData(data);
      return;
    }
    this.shape = shape;
    this.plot?.destroy();
    const axis = {
      stroke: css('--soft'),
      grid: { stroke: css('--line'), width: 1 },
      ticks: { show: false },
      font: '11px system-ui',
      size: 34,
    };
    this.plot = new Plot(
      {
        width: this.plotAt.clientWidth,
        height: this.height,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: false }, y: { distr: 3 } },
        axes: [
          { ...axis, size: 24 },
          { ...axis, size: 46 },
        ],
        series: [
          {},
          ...curves.map(({ title, colour, width = 2, dash }) => ({
            label: title,
            stroke: colour,
            width,
            spanGaps: true,
            points: { show: false },
            ...(dash ? { dash } : {}),
          })),
        ],
      },
      data,
      this.plotAt,
    );
  }

  /** Has it drawn anew, in other colours. */
  recolour(): void {
    this.shape = '';
    this.show(this.wanted);
  }
}
