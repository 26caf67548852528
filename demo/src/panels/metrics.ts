/** Metrics beside what perfect samples would score. */
import type { Evaluation } from 'tributary';
import { fill, h, short } from '../dom.js';
import { clearlyBest } from './best.js';

const NAMES: Readonly<Record<string, string>> = {
  sliced_w2: 'Sliced W₂',
  w2: 'W₂',
  frechet: 'Fréchet',
  energy_distance: 'Energy distance',
  off_support: 'Off the support',
  mode_coverage: 'Modes found',
  label_purity: 'Label purity',
  log_p_true: 'log p of the truth',
};

const isShare = (name: string) => ['off_support', 'mode_coverage', 'label_purity'].includes(name);
const show = (name: string, value: number) =>
  isShare(name) ? `${(100 * value).toFixed(1)} %` : short(value);

/** A table of one or more models; the floor is the first's. */
export function metricsTable(
  target: HTMLElement,
  models: readonly { title: string; result: Evaluation | null }[],
): void {
  const known = models.find(({ result }) => result !== null)?.result;
  if (known == null) {
    fill(target, h('p', { class: 'note' }, 'Metrics come with the first pause, and every 15 seconds.'));
    return;
  }
  const names = Object.keys(NAMES).filter((name) => known.metrics[name] !== undefined);
  fill(
    target,
    h(
      'table',
      { class: 'metrics' },
      h('caption', {}, `${known.n} samples, and what perfect ones score`),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', { scope: 'col' }, 'Metric'),
          ...models.map(({ title }) => h('th', { scope: 'col' }, title)),
          h('th', { scope: 'col' }, 'Perfect'),
        ),
      ),
      h(
        'tbody',
        {},
        ...names.map((name) => {
          const values = models.map(({ result }) => result?.metrics[name]);
          const numbers = values.map((metric) => metric?.value ?? Number.NaN);
          const lower = known.metrics[name].better === 'lower';
          const best = clearlyBest(name, values);
          return h(
            'tr',
            {},
            h('th', { scope: 'row' }, `${NAMES[name]}\u00a0${lower ? '↓' : '↑'}`),
            ...numbers.map((value, i) =>
              h('td', { class: i === best ? 'best' : null }, Number.isNaN(value) ? '–' : show(name, value)),
            ),
            h('td', { class: 'floor' }, show(name, known.metrics[name].floor)),
          );
        }),
      ),
    ),
  );
}
