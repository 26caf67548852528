/** Labelled controls that show and change one thing of the state. */
import { freshId, h, say } from '../dom.js';
import type { Key, State } from '../state.js';
import type { Store } from '../store.js';

type KeyOf<T> = { [K in Key]: State[K] extends T ? K : never }[Key];

interface Common {
  readonly label: string;
  /** One line under the control, or nothing. */
  readonly hint?: (state: State) => string;
}

export interface Choice {
  readonly value: string;
  readonly text: string;
  readonly disabled?: boolean;
}

/** A line that follows the state, and describes a control. */
function line(store: Store, control: HTMLElement, hint: Common['hint']): HTMLElement | null {
  if (hint === undefined) return null;
  const id = freshId('hint');
  const small = h('small', { id });
  control.setAttribute('aria-describedby', id);
  const update = () => {
    const text = hint(store.state);
    if (small.textContent !== text) small.textContent = text;
    small.hidden = text === '';
  };
  store.on(update);
  update();
  return small;
}

function row(
  store: Store,
  label: string,
  control: HTMLElement,
  extra: HTMLElement | null,
  hint: Common['hint'],
) {
  const named = h('label', { for: control.id }, label);
  return h('div', { class: 'field' }, named, extra, control, line(store, control, hint));
}

/** A list to choose from; `choices` may change with the state. */
export function choose<K extends KeyOf<string | number>>(
  store: Store,
  key: K,
  {
    label,
    hint,
    choices,
    along = () => ({}),
    shown = (state) => String(state[key]),
  }: Common & {
    choices: (state: State) => readonly Choice[];
    /** What is chosen: where the state's own is not possible, what is used instead. */
    shown?: (state: State) => string;
    /** What another choice sets as well. */
    along?: (value: string) => Partial<State>;
  },
): HTMLElement {
  const id = freshId(key);
  const select = h('select', { id, name: key });
  let listed = '';
  /** A value that an address has asked for and no list holds. */
  const other = h('option', {});
  const update = () => {
    const list = choices(store.state);
    const text = JSON.stringify(list);
    if (text !== listed) {
      listed = text;
      select.replaceChildren(
        ...list.map((one) => h('option', { value: one.value, disabled: one.disabled ?? false }, one.text)),
      );
    }
    const value = shown(store.state);
    other.remove();
    if (!list.some((one) => one.value === value)) {
      other.value = value;
      other.textContent = Number.isFinite(Number(value)) ? Number(value).toLocaleString('en') : value;
      select.append(other);
    }
    select.value = value;
  };
  select.addEventListener('change', () => {
    const value = typeof store.state[key] === 'number' ? Number(select.value) : select.value;
    store.set({ ...along(select.value), [key]: value } as Partial<State>);
  });
  store.on(update);
  update();
  return row(store, label, select, null, hint);
}

/** A slider with its value beside it. */
export function slide<K extends KeyOf<number>>(
  store: Store,
  key: K,
  {
    label,
    hint,
    range: [low, high],
    step,
    text = String,
  }: Common & { range: readonly [number, number]; step: number; text?: (value: number) => string },
): HTMLElement {
  const id = freshId(key);
  const input = h('input', { id, name: key, type: 'range', min: low, max: high, step });
  const output = h('output', { for: id });
  const update = () => {
    const value = store.state[key] as number;
    // An address may ask for more than the slider's end.
    input.max = String(Math.max(high, value));
    if (Number(input.value) !== value) input.value = String(value);
    output.textContent = text(value);
    input.setAttribute('aria-valuetext', text(value));
  };
  input.addEventListener('input', () => store.set({ [key]: Number(input.value) } as Partial<State>));
  store.on(update);
  update();
  return row(store, label, input, output, hint);
}

/** A box to tick; `hint` says why it cannot be: then it is not ticked, until it can be again. */
export function check<K extends KeyOf<boolean>>(store: Store, key: K, { label, hint }: Common): HTMLElement {
  const id = freshId(key);
  const input = h('input', { id, name: key, type: 'checkbox' });
  let resting = false;
  const update = () => {
    resting = (hint?.(store.state) ?? '') !== '';
    // Within the keyboard's reach: why it rests is read aloud.
    input.setAttribute('aria-disabled', String(resting));
    input.checked = !resting && (store.state[key] as boolean);
  };
  input.addEventListener('change', () => {
    if (resting) input.checked = false;
    else store.set({ [key]: input.checked } as Partial<State>);
  });
  store.on(update);
  update();
  const named = h('label', { for: id }, label);
  return h('div', { class: 'field check' }, input, named, line(store, input, hint));
}

export function numberField<K extends KeyOf<number>>(
  store: Store,
  key: K,
  { label, hint, range: [low, high] }: Common & { range: readonly [number, number] },
): HTMLElement {
  const id = freshId(key);
  const input = h('input', {
    id,
    name: key,
    type: 'number',
    min: low,
    max: high,
    step: 1,
    inputmode: 'numeric',
  });
  const update = () => {
    if (document.activeElement !== input) input.value = String(store.state[key]);
  };
  input.addEventListener('change', () => {
    const value = Number(input.value);
    const fits = input.value !== '' && Number.isInteger(value) && value >= low && value <= high;
    if (fits) return store.set({ [key]: value } as Partial<State>);
    say(`${label}: ${input.value || 'this'} is no whole number from ${low} to ${high.toLocaleString('en')}.`);
    input.value = String(store.state[key]);
  });
  store.on(update);
  update();
  return row(store, label, input, null, hint);
}

/** A group that opens and closes. */
export function group(title: string, open: boolean, ...children: HTMLElement[]): HTMLElement {
  return h('details', { class: 'group', open }, h('summary', {}, title), ...children);
}

/** Shows an element only while the state asks for it. */
export function when(store: Store, element: HTMLElement, wanted: (state: State) => boolean): HTMLElement {
  const update = () => {
    element.hidden = !wanted(store.state);
  };
  store.on(update);
  update();
  return element;
}
