/** Tributary against other libraries on the visitor's own card; they are fetched when that is asked for. */
import { copyText, fill, h, rest, say } from '../dom.js';
import { wordsOf } from '../lab/fetched.js';
import type { Row } from '../peers/race.js';
import { cells, machineText, rowsText } from '../peers/result.js';

/** Widths of the network; the first is for those who wait for a processor that plays a graphics card. */
const WIDTHS = [16, 64, 128, 256, 512, 1024];
const USUAL = 64;

const HEADS = ['System', 'A step', 'Arithmetic', 'Times Tributary'];

function bodies(rows: readonly Row[]): HTMLElement[] {
  return [...new Set(rows.map(({ work }) => work))].map((work) =>
    h(
      'tbody',
      {},
      h('tr', {}, h('th', { scope: 'rowgroup', colspan: HEADS.length }, work)),
      ...rows
        .filter((row) => row.work === work)
        .map((row) => {
          const [time, arithmetic, , ratio] = cells(row);
          const name = h('th', { scope: 'row' }, `${row.system} ${row.version}`);
          if (row.note) return h('tr', {}, name, h('td', { colspan: 3 }, row.note));
          return h('tr', {}, name, ...[time, arithmetic, ratio].map((text) => h('td', {}, text)));
        }),
    ),
  );
}

/** @param page what it is shown on: the race ends when that is left */
export function racePart(page: HTMLElement): HTMLElement {
  const id = 'race-width';
  const width = h(
    'select',
    { id },
    ...WIDTHS.map((value) => h('option', { value, selected: value === USUAL }, String(value))),
  );
  const status = h('p', { class: 'status', role: 'status' });
  const table = h('table', { class: 'race' });
  const results = h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Results of the comparison', hidden: true },
    table,
  );
  let copied = '';
  const copy = h(
    'button',
    { type: 'button', id: 'copy-race', 'aria-disabled': 'true', onclick: () => void copyText(copied) },
    'Copy',
  );

  const race = async () => {
    const leaving = new AbortController();
    const { raceHere } = await import('../peers/run.js');
    const { machine, rows } = await raceHere(Number(width.value), {
      signal: leaving.signal,
      say: (line) => {
        status.textContent = line;
        if (!page.isConnected) leaving.abort();
      },
    });
    copied = `${machineText(machine)}\n${rowsText(rows)}\n`;
    fill(
      table,
      h('caption', {}, machineText(machine)),
      h('thead', {}, h('tr', {}, ...HEADS.map((text) => h('th', { scope: 'col' }, text)))),
      ...bodies(rows),
    );
    results.hidden = false;
    rest(copy, false);
    status.textContent = 'Losses and velocities agree.';
  };
  const start = h(
    'button',
    {
      type: 'button',
      id: 'race',
      class: 'primary',
      onclick: () => {
        rest(start, true);
        status.textContent = 'Fetching the libraries …';
        race()
          .catch((error: unknown) => {
            if (!page.isConnected) return;
            status.textContent = 'No comparison.';
            say(wordsOf(error));
          })
          .finally(() => rest(start, false));
      },
    },
    'Compare with other libraries',
  );
  return h(
    'section',
    { hidden: true },
    h('h2', {}, 'And beside other libraries?'),
    h(
      'p',
      { class: 'note' },
      'jax-js and TensorFlow.js train and sample the same network here, on this card, from the same numbers; a time counts when the result has been read back.',
    ),
    h('p', { class: 'field' }, h('label', { for: id }, 'Width of the network'), width),
    status,
    results,
    h('div', { class: 'buttons' }, start, copy),
  );
}
