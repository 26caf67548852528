/** Labelled controls that show and change one thing of the state. */
import { freshId, h, say } from '../dom.js';
import type { Key, State, Store } from '../state.js';

type KeyOf<T> = { [K in Key]: State[K] extends T ? K : never }[Key];

interface Common {
  readonly label: string;
  /** One line under the control. */
  readonly hint?: string;
}

export interface Choice {
  readonly value: string;
  readonly text: string;
  readonly disabled?: boolean;
}

function row(label: string, id: string, control: HTMLElement, extra: HTMLElement | null, hint?: string) {
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    extra,
    control,
    hint !== undefined && h('small', { id: `${id}-hint` }, hint),
  );
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
  }: Common & {
    choices: (state: State) => readonly Choice[];
    /** What another choice sets as well. */
    along?: (value: string) => Partial<State>;
  },
): HTMLElement {
  const id = freshId(key);
  const select = h('select', { id, name: key });
  let shown = '';
  const update = () => {
    const list = choices(store.state);
    const text = JSON.stringify(list);
    if (text !== shown) {
      shown = text;
      select.replaceChildren(
        ...list.map((one) => h('option', { value: one.value, disabled: one.disabled ?? false }, one.text)),
      );
    }
    const value = String(store.state[key]);
    if (!list.some((one) => one.value === value)) select.append(h('option', { value }, value));
    select.value = value;
  };
  select.addEventListener('change', () => {
    const value = typeof store.state[key] === 'number' ? Number(select.value) : select.value;
    store.set({ ...along(select.value), [key]: value } as Partial<State>);
  });
  store.on(update);
  update();
  return row(label, id, select, null, hint);
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
    if (Number(input.value) !== value) input.value = String(value);
    output.textContent = text(value);
    input.setAttribute('aria-valuetext', text(value));
  };
  input.addEventListener('input', () => store.set({ [key]: Number(input.value) } as Partial<State>));
  store.on(update);
  update();
  return row(label, id, input, output, hint);
}

export function check<K extends KeyOf<boolean>>(store: Store, key: K, { label, hint }: Common): HTMLElement {
  const id = freshId(key);
  const input = h('input', { id, name: key, type: 'checkbox' });
  const update = () => {
    input.checked = store.state[key] as boolean;
  };
  input.addEventListener('change', () => store.set({ [key]: input.checked } as Partial<State>));
  store.on(update);
  update();
  return h(
    'div',
    { class: 'field check' },
    input,
    h('label', { for: id }, label),
    hint !== undefined && h('small', {}, hint),
  );
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
  return row(label, id, input, null, hint);
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
