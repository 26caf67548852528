/** The check of the visitor's own card against the truth, and how fast it is. */
import type { VerifyRow } from 'tributary-engine';
import type { App } from '../app.js';
import { copyText, fill, h, rest, say } from '../dom.js';
import checkerWorker from '../lab/checker_worker.ts?worker-url';
import { openWorker, wordsOf } from '../lab/fetched.js';
import type { FromChecker, ToChecker } from '../lab/messages.js';
import { benchmark } from './benchmark.js';
import { racePart } from './race.js';

function summary(rows: readonly VerifyRow[]): HTMLElement[] {
  const kernels = new Map<string, VerifyRow[]>();
  for (const row of rows) {
    const name = row.variant ? `${row.kernel}, ${row.variant}` : row.kernel;
    kernels.set(name, [...(kernels.get(name) ?? []), row]);
  }
  return [...kernels].map(([kernel, own]) => {
    const worst = own.reduce((a, b) => (b.error / b.bound > a.error / a.bound ? b : a));
    const ok = own.every((row) => row.ok);
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, kernel),
      h('td', { class: ok ? 'good' : 'bad' }, ok ? '✓ agrees' : `✗ differs at ${worst.shape}`),
      h('td', {}, worst.error.toExponential(1)),
      h('td', {}, worst.bound.toExponential(0)),
      h('td', {}, String(own.length)),
    );
  });
}

/** Why there is no card to check, and what to do; nothing where there is one. */
async function whyNoCard({ machine }: App): Promise<string> {
  if (machine?.engine != null) return '';
  if (navigator.gpu === undefined) {
    return isSecureContext
      ? 'This browser has no WebGPU: open this page in a current Chrome, Edge, Firefox or Safari, and its graphics card can be checked here.'
      : 'A browser gives WebGPU to https:// and http://localhost only: open this page from there, and its graphics card can be checked here.';
  }
  if ((await navigator.gpu.requestAdapter().catch(() => null)) !== null) return '';
  return 'This browser finds no graphics card: turn hardware acceleration on in its settings and reload this page, and the card can be checked here.';
}

export async function verifyPage(page: HTMLElement, app: App): Promise<void> {
  const body = h('tbody');
  const status = h('p', { class: 'status', role: 'status' }, 'Looking for a graphics card …');
  /** How far it is, which is not for reading aloud. */
  const count = h('p', { class: 'status' });
  const speed = h(
    'p',
    { class: 'status lines', role: 'status' },
    'Particles times steps in a second, on this machine.',
  );
  const copy = h(
    'button',
    {
      type: 'button',
      id: 'copy-bench',
      'aria-disabled': 'true',
      onclick: () => void copyText(speed.textContent ?? ''),
    },
    'Copy',
  );
  let worker: Worker | null = null;

  const finish = (text: string) => {
    worker?.terminate();
    worker = null;
    rest(start, false);
    count.textContent = '';
    status.textContent = text;
  };
  const verifyNow = () => {
    const rows: VerifyRow[] = [];
    body.replaceChildren();
    results.hidden = true;
    rest(start, true);
    status.textContent = 'Checking …';
    worker = openWorker(checkerWorker, (words) => finish(`The check did not start. ${words}`));
    if (worker === null) return;
    worker.onmessage = ({ data }: MessageEvent<FromChecker>) => {
      if (!page.isConnected) return finish('');
      if (data.type === 'row') {
        rows.push(data.row);
        results.hidden = false;
        fill(body, ...summary(rows));
        count.textContent = `${rows.length} comparisons so far`;
      } else if (data.type === 'error') finish(`No check: ${wordsOf(data.message)}`);
      else {
        const { ok, adapter } = data.report;
        const failed = data.report.rows.filter((row) => !row.ok).length;
        finish(
          ok
            ? `All ${rows.length} comparisons agree on ${adapter}.`
            : `${failed} of ${rows.length} comparisons differ on ${adapter}.`,
        );
      }
    };
    const message: ToChecker = { type: 'verify', backend: 'webgpu' };
    worker.postMessage(message);
  };
  const start = h(
    'button',
    { type: 'button', id: 'verify', class: 'primary', onclick: verifyNow },
    'Verify on my GPU',
  );
  const bench = h(
    'button',
    {
      type: 'button',
      id: 'bench',
      class: 'primary',
      onclick: () => {
        rest(bench, true);
        speed.textContent = 'Measuring …';
        benchmark(app.machine)
          .then((text) => {
            speed.textContent = text;
            rest(copy, false);
          })
          .catch((error: unknown) => {
            speed.textContent = 'No measurement.';
            say(wordsOf(error));
          })
          .finally(() => {
            rest(bench, false);
          });
      },
    },
    'Measure',
  );
  const results = h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Results of the check', hidden: true },
    h(
      'table',
      { class: 'checks' },
      h('caption', { class: 'visually-hidden' }, 'Kernels and their largest error'),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ...['Kernel', 'Verdict', 'Largest error', 'Allowed', 'Shapes'].map((text) =>
            h('th', { scope: 'col' }, text),
          ),
        ),
      ),
      body,
    ),
  );
  const check = h('div', { class: 'buttons', hidden: true }, start);
  const race = racePart(page);
  fill(
    page,
    h('h2', {}, 'Is your graphics card right?'),
    status,
    check,
    count,
    results,
    h('h2', {}, 'How fast is it?'),
    speed,
    h('div', { class: 'buttons' }, bench, copy),
    race,
  );
  const why = await whyNoCard(app);
  check.hidden = why !== '';
  race.hidden = check.hidden;
  status.textContent = why || 'Every kernel on your graphics card, against plain float64 on your processor.';
}
