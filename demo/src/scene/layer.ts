/** What lies over the particles: truth, points, field, the lines between panes and their titles. */
import { h } from '../dom.js';
import { theme } from '../theme.js';
import { drawPoints, type Frame } from './overlays.js';
import type { Box } from './painter.js';
import type { Pane, Scenery } from './pane.js';

/** Field overlays a unit of time. */
const TICKS = 20;

export class Layer {
  readonly canvas = h('canvas', { class: 'overlay', 'aria-hidden': 'true' });
  readonly titles = h('div', { class: 'titles' });
  private revision = 0;
  /** What the layer was drawn from. */
  private readonly seen = {
    revision: -1,
    width: 0,
    height: 0,
    ratio: 0,
    colours: theme(),
    tick: 0,
    versions: 0,
  };

  /** Has everything drawn again: for another scenery, window or number of panes. */
  refresh(): void {
    this.revision++;
  }

  setTitles(panes: readonly Pane[]): void {
    const shown = panes.length > 1 ? panes.map(({ title }) => h('span', {}, h('b', {}, title))) : [];
    this.titles.replaceChildren(...shown);
  }

  /** Draws again only when something has changed: most frames stop at once, and make no garbage. */
  draw(
    { clientWidth: width, clientHeight: height }: HTMLElement,
    boxes: readonly Box[],
    panes: readonly Pane[],
    scenery: Scenery,
    view: Pick<Frame, 'center' | 'span'>,
    t: number,
  ): void {
    const { seen, revision, canvas } = this;
    const ratio = Math.min(2, devicePixelRatio);
    const colours = theme();
    const tick = scenery.field === 'none' ? 0 : Math.round(t * TICKS);
    const versions = scenery.field === 'none' ? 0 : versionsOf(panes);
    const sized = seen.width === width && seen.height === height && seen.ratio === ratio;
    const alike = seen.revision === revision && seen.colours === colours;
    if (sized && alike && seen.tick === tick && seen.versions === versions) return;
    Object.assign(seen, { revision, width, height, ratio, colours, tick, versions });
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    context.scale(ratio, ratio);
    panes.forEach((pane, i) => {
      const box = boxes[i];
      this.drawPane(context, { box, center: view.center, span: view.span }, pane, scenery, t);
      if (i > 0) {
        context.fillStyle = colours.ink.field;
        if (box.x > 0) context.fillRect(box.x, box.y + 12, 1, box.height - 24);
        if (box.y > 0) context.fillRect(box.x + 12, box.y, box.width - 24, 1);
      }
      const title = this.titles.children[i] as HTMLElement | undefined;
      if (title)
        Object.assign(title.style, { left: `${box.x}px`, top: `${box.y + 6}px`, width: `${box.width}px` });
    });
  }

  private drawPane(
    context: CanvasRenderingContext2D,
    frame: Frame,
    pane: Pane,
    scenery: Scenery,
    t: number,
  ): void {
    const { ink } = this.seen.colours;
    const { x, y, width, height } = frame.box;
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    scenery.truth?.draw(context, frame, ink);
    if (scenery.points) drawPoints(context, frame, scenery.points, ink);
    if (scenery.field !== 'none' && pane.runner !== null) {
      if (pane.fieldVersion !== pane.runner.version) {
        pane.field.clear();
        pane.fieldVersion = pane.runner.version;
      }
      const streams = scenery.field === 'streamlines';
      const from = { runner: pane.runner, t, label: scenery.label, streams };
      pane.field.draw(context, frame, ink, from, () => this.refresh());
    }
    context.restore();
  }
}

/** A number that changes with the trajectories shown. */
function versionsOf(panes: readonly Pane[]): number {
  let sum = 0;
  for (let i = 0; i < panes.length; i++) sum += (i + 1) * 1e6 + (panes[i].runner?.version ?? 0);
  return sum;
}
