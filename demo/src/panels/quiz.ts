/** Which loss curve belongs to the better model? Rounds from real runs, see scripts/demo/quiz.ts. */
import { fill, h, short } from '../dom.js';
import { fetched } from '../lab/fetched.js';
import { Chart, draw, smoothed } from './chart.js';

type Name = 'sliced_w2' | 'off_support' | 'mode_coverage';

interface QuizRun {
  readonly title: string;
  /** [step, loss] */
  readonly loss: [number, number][];
  /** Mean loss of the last 200 steps. */
  readonly ending: number;
  /** Samples [n·2], hundredths. */
  readonly samples: number[];
  readonly metrics: Readonly<Record<Name, { value: number; floor: number }>>;
}

interface Round {
  readonly question: string;
  readonly explanation: string;
  readonly better: 0 | 1;
  /** The metric that decides. */
  readonly judge: Name;
  readonly runs: readonly [QuizRun, QuizRun];
}

/** What a visit has answered, pair by pair, and which pair it looks at: other views come in between. */
const visit = { answers: [] as (0 | 1)[], at: 0 };

/** A run's samples as dots, as far as `reach` from the middle. */
function thumbnail({ samples, title }: QuizRun, reach: number): SVGElement {
  const svg = draw('svg', {
    viewBox: `${-reach} ${-reach} ${2 * reach} ${2 * reach}`,
    role: 'img',
    'aria-label': `Samples of ${title}`,
  });
  let dots = '';
  for (let i = 0; i < samples.length; i += 2) dots += `M${samples[i]} ${-samples[i + 1]}h0`;
  svg.append(draw('path', { d: dots, 'vector-effect': 'non-scaling-stroke' }));
  return svg;
}

function verdict(round: Round): HTMLElement {
  const names = {
    sliced_w2: 'Sliced W₂ ↓',
    off_support: 'Off the support ↓',
    mode_coverage: 'Modes found ↑',
  } as const;
  const value = (name: Name, number: number) =>
    name === 'sliced_w2' ? short(number) : `${(100 * number).toFixed(1)} %`;
  const reach = 1.05 * Math.max(...round.runs.flatMap(({ samples }) => samples.map(Math.abs)));
  return h(
    'div',
    { class: 'verdict' },
    h(
      'div',
      { class: 'pair' },
      ...round.runs.map((run, i) =>
        h('figure', {}, thumbnail(run, reach), h('figcaption', {}, `${'AB'[i]}: ${run.title}`)),
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
        ...(Object.keys(names) as Name[])
          .filter((name) => round.runs.every((run) => run.metrics[name]))
          .map((name) =>
            h(
              'tr',
              {},
              h('th', { scope: 'row' }, names[name]),
              ...round.runs.map((run, i) =>
                h(
                  'td',
                  { class: name === round.judge && i === round.better ? 'best' : null },
                  value(name, run.metrics[name].value),
                ),
              ),
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
  const rounds: Round[] = await (await fetched('quiz.json')).json();
  const { answers } = visit;
  /** @returns the question */
  const show = (): HTMLElement => {
    const { at } = visit;
    const round = rounds[at];
    const chart = new Chart('Loss curves of A and B', 240);
    const answer = h('div');
    /** @returns the line that says who was right */
    const tell = (): HTMLElement => {
      for (const button of buttons) button.disabled = true;
      const last = at + 1 === rounds.length;
      const right = answers.filter((choice, i) => choice === rounds[i].better).length;
      const next = h(
        'button',
        {
          type: 'button',
          id: 'next',
          class: 'primary',
          onclick: () => {
            visit.at = last ? 0 : at + 1;
            if (last) answers.length = 0;
            show().focus();
          },
        },
        last ? 'Begin again' : 'Next pair',
      );
      const said = h(
        'p',
        // Whoever has guessed goes on from here, by eye, by key or by ear.
        { class: 'answer', tabindex: -1 },
        `${answers[at] === round.better ? 'Right' : 'No'}: ${'AB'[round.better]} is the better model. ${right} of ${at + 1} so far.`,
      );
      fill(answer, said, verdict(round), next);
      return said;
    };
    const buttons = ([0, 1] as const).map((which) =>
      h(
        'button',
        {
          type: 'button',
          id: `guess-${'ab'[which]}`,
          class: 'primary',
          onclick: () => {
            answers[at] = which;
            tell().focus();
          },
        },
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
        legend: `${'AB'[i]}: ${run.ending.toPrecision(3)} over its last 200 steps`,
        ...(i === 1 ? { dash: '6 3' } : {}),
      })),
    );
    if (answers[at] !== undefined) tell();
    return question;
  };
  show();
}
