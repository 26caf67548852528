/** Which loss curve belongs to the better model? Rounds from real runs, see scripts/demo/quiz.ts. */
import { fill, h, short } from '../dom.js';
import { theme } from '../theme.js';
import { Chart, smoothed } from './chart.js';

interface QuizRun {
  readonly title: string;
  /** [step, loss] */
  readonly loss: [number, number][];
  /** Samples [n·2], hundredths. */
  readonly samples: number[];
  readonly metrics: Readonly<
    Record<'sliced_w2' | 'off_support' | 'mode_coverage', { value: number; floor: number }>
  >;
}

interface Round {
  readonly question: string;
  readonly explanation: string;
  readonly better: 0 | 1;
  readonly runs: readonly [QuizRun, QuizRun];
}

/** A run's samples as dots. */
function thumbnail({ samples, title }: QuizRun): HTMLElement {
  const size = 220;
  const canvas = h('canvas', { width: size, height: size, role: 'img', 'aria-label': `Samples of ${title}` });
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const [red, green, blue] = theme().one[0].map((value) => Math.round(255 * value));
  context.fillStyle = `rgb(${red} ${green} ${blue} / 70%)`;
  const reach = Math.max(...samples.map(Math.abs)) * 1.05;
  for (let i = 0; i < samples.length; i += 2) {
    context.fillRect(
      (0.5 + samples[i] / reach / 2) * size - 1,
      (0.5 - samples[i + 1] / reach / 2) * size - 1,
      2,
      2,
    );
  }
  return canvas;
}

function verdict(round: Round): HTMLElement {
  const names = {
    sliced_w2: 'Sliced W₂ ↓',
    off_support: 'Off the support ↓',
    mode_coverage: 'Modes found ↑',
  } as const;
  const value = (name: keyof typeof names, number: number) =>
    name === 'sliced_w2' ? short(number) : `${(100 * number).toFixed(1)} %`;
  return h(
    'div',
    { class: 'verdict' },
    h(
      'div',
      { class: 'pair' },
      ...round.runs.map((run, i) =>
        h('figure', {}, thumbnail(run), h('figcaption', {}, `${'AB'[i]}: ${run.title}`)),
      ),
    ),
    h(
      'table',
      { class: 'metrics' },
      h('caption', { class: 'visually-hidden' }, 'Metrics of both models'),
      h(
        'thead',
        {},
        h('tr', {}, ...['Metric', 'A', 'B', 'Perfect'].map((text) => h('th', { scope: 'col' }, text))),
      ),
      h(
        'tbody',
        {},
        ...(Object.keys(names) as (keyof typeof names)[])
          .filter((name) => round.runs.every((run) => run.metrics[name]))
          .map((name) =>
            h(
              'tr',
              {},
              h('th', { scope: 'row' }, names[name]),
              ...round.runs.map((run) => h('td', {}, value(name, run.metrics[name].value))),
              // Two data sets have two floors.
              h(
                'td',
                { class: 'floor' },
                [...new Set(round.runs.map((run) => value(name, run.metrics[name].floor)))].join(' / '),
              ),
            ),
          ),
      ),
    ),
    h('p', {}, round.explanation),
  );
}

export async function quiz(page: HTMLElement): Promise<void> {
  const rounds: Round[] = await (await fetch(new URL('quiz.json', document.baseURI))).json();
  let at = 0;
  let right = 0;
  /** @returns the question */
  const show = (): HTMLElement => {
    const round = rounds[at];
    const chart = new Chart('Loss curves of A and B', 240);
    const answer = h('div');
    const guess = (choice: 0 | 1) => {
      if (choice === round.better) right++;
      for (const button of buttons) button.disabled = true;
      const last = at + 1 === rounds.length;
      const next = h(
        'button',
        {
          type: 'button',
          id: 'next',
          class: 'primary',
          onclick: () => {
            at = last ? 0 : at + 1;
            if (last) right = 0;
            show().focus();
          },
        },
        last ? 'Begin again' : 'Next pair',
      );
      const said = h(
        'p',
        // Whoever has guessed goes on from here, by eye, by key or by ear.
        { class: 'answer', tabindex: -1 },
        `${choice === round.better ? 'Right' : 'No'}: ${'AB'[round.better]} is the better model. ${right} of ${at + 1} so far.`,
      );
      fill(answer, said, verdict(round), next);
      said.focus();
    };
    const buttons = ([0, 1] as const).map((which) =>
      h(
        'button',
        { type: 'button', id: `guess-${'ab'[which]}`, class: 'primary', onclick: () => guess(which) },
        `${'AB'[which]} is better`,
      ),
    );
    const question = h('h2', { tabindex: -1 }, 'Which loss curve belongs to the better model?');
    fill(
      page,
      question,
      h('p', { class: 'note' }, `Pair ${at + 1} of ${rounds.length}. ${round.question}`),
      chart.element,
      h('div', { class: 'buttons' }, ...buttons),
      answer,
    );
    chart.show(
      round.runs.map((run, i) => ({
        title: 'AB'[i],
        points: smoothed(run.loss),
        colour: `var(--curve-${i === 0 ? 2 : 1})`,
        ...(i === 1 ? { dash: '6 3' } : {}),
      })),
    );
    return question;
  };
  show();
}
