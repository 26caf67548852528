/** Metrics beside what perfect samples would score. */
import { fill, h, short } from '../dom.js';
import type { History } from '../lab/messages.js';
import { drawnWords } from '../lab/recipe.js';
import { clearlyBest, type Metric } from './best.js';

const NAMES: Readonly<Record<string, string>> = {
  sliced_w2: 'Sliced W₂',
  w2: 'W₂',
  frechet: 'Fréchet',
  energy_distance: 'Energy distance',
  off_support: 'Off the support',
  mode_coverage: 'Modes found',
  label_purity: 'Label purity',
  copies: 'Copies of training points',
  log_p_true: 'log p of the truth',
};

const isShare = (name: string) => ['off_support', 'mode_coverage', 'label_purity', 'copies'].includes(name);
const show = (name: string, value: number) =>
  isShare(name) ? `${(100 * value).toFixed(1)} %` : short(value);

/** Where perfect samples score: inside it there is no telling a model from them. */
const range = (name: string, { perfect }: Metric): string =>
  perfect ? `perfect samples score ${show(name, perfect[0])} to ${show(name, perfect[1])}` : '';

export interface Judged {
  readonly title: string;
  readonly evaluation: History['evaluation'];
  /** The step that the model is at by now. */
  readonly step: number;
  /** How its samples are drawn when it is judged; as most are if not given. */
  readonly drawn?: string;
  /** How its samples were drawn, where that is not as the caption says. */
  readonly note?: string;
}

/** The step that was judged, where the model has gone further since. */
const since = ({ evaluation, step, note = '' }: Judged): string =>
  note !== ''
    ? note
    : evaluation === null || evaluation.step === step
      ? ''
      : `at step ${evaluation.step.toLocaleString('en')}`;

/** A table of one or more models; the floor is the first's. */
export function metricsTable(target: HTMLElement, judged: readonly Judged[]): void {
  const models = judged.map((one) => ({ ...one, result: one.evaluation?.result ?? null, when: since(one) }));
  const known = models.find(({ result }) => result !== null)?.result;
  if (known == null) {
    fill(target, h('p', { class: 'note' }, 'Metrics come at the end, and every 15 seconds until then.'));
    return;
  }
  const drawn = [...new Set(models.map(({ drawn = drawnWords(null) }) => drawn))].join('; ');
  // Where only points are known, there is no perfect sample: one half of them is judged by the other.
  const { n, floorN } = Object.values(known.metrics)[0];
  const halves = floorN !== n;
  const beside = halves
    ? `; beside them one half of your points, judged by the other: ${floorN} against ${floorN}, so that no model can be compared with it closely; no point was held out, and a copy of yours would score best`
    : ', and what perfect ones score';
  const names = Object.keys(NAMES).filter((name) => known.metrics[name] !== undefined);
  fill(
    target,
    h(
      'table',
      { class: 'metrics' },
      h('caption', {}, `${known.n} samples, ${drawn}${beside}`),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', { scope: 'col' }, 'Metric'),
          ...models.map(({ title, when }) =>
            h('th', { scope: 'col' }, title, ...(when === '' ? [] : [h('small', {}, when)])),
          ),
          h('th', { scope: 'col' }, halves ? 'Halves' : 'Perfect'),
        ),
      ),
      h(
        'tbody',
        {},
        ...names.map((name) => {
          const values = models.map(({ result }) => result?.metrics[name]);
          const numbers = values.map((metric) => metric?.value ?? Number.NaN);
          const lower = known.metrics[name].better === 'lower';
          const best = values.includes(undefined) ? -1 : clearlyBest(name, values);
          return h(
            'tr',
            {},
            h('th', { scope: 'row' }, `${NAMES[name]}\u00a0${lower ? '↓' : '↑'}`),
            ...numbers.map((value, i) =>
              h('td', { class: i === best ? 'best' : null }, Number.isNaN(value) ? '–' : show(name, value)),
            ),
            h(
              'td',
              { class: 'floor', title: range(name, known.metrics[name]) },
              show(name, known.metrics[name].floor),
            ),
          );
        }),
      ),
    ),
  );
}
