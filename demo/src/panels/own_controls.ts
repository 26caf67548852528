/** Controls for what a family lets be set, made from the description of its settings. */
import { helpLine, type Setting, settingFromText } from 'tributary-engine';
import { fill, freshId, h, say } from '../dom.js';
import { namesOf, ownDescription, ownText, ownValues } from '../own_settings.js';
import type { Store } from '../store.js';

/** More than these are not unfolded by themselves. */
const MOST_OPEN = 8;

/** A name in words: `reflowRounds` as “reflow rounds”. */
const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

type Input = HTMLInputElement | HTMLSelectElement;

/** What shows a setting; nothing for a list or a text, which only an address gives. */
function inputFor(name: string, setting: Setting): Input | null {
  const id = freshId(name);
  if (setting.kind === 'choice')
    return h('select', { id, name }, ...namesOf(setting).map((value) => h('option', { value }, value)));
  if (setting.kind === 'flag') return h('input', { id, name, type: 'checkbox' });
  if (setting.kind !== 'number') return null;
  const { whole, least = setting.above, most = setting.below } = setting;
  return h('input', {
    ...{ id, name, type: 'number', inputmode: whole ? 'numeric' : 'decimal' },
    ...{ min: least ?? null, max: most ?? null, step: whole ? 1 : 'any' },
  });
}

const isBox = (input: Input): input is HTMLInputElement => input.getAttribute('type') === 'checkbox';

/**
 * The controls of the chosen family's own settings, made anew for each family.
 * @param settings the values that the model is trained with, by name
 * @param usual those that the family has by itself, with these data
 */
export function ownControls(
  store: Store,
  settings: () => Readonly<Record<string, unknown>>,
  usual: () => Readonly<Record<string, unknown>>,
): HTMLElement {
  const element = h('details', { class: 'group own' });
  let family = '';
  const inputs = new Map<string, Input>();
  const change = (name: string, setting: Setting, input: Input) => {
    const text = isBox(input) ? String(input.checked) : input.value;
    try {
      const value = settingFromText(name, setting, text);
      const values = { ...ownValues(family, store.state.settings), [name]: value };
      // What is as usual needs no word in an address.
      if (String(value) === String(usual()[name])) delete values[name];
      store.set({ settings: ownText(family, values) });
    } catch (error) {
      say(`${(error as Error).message}.`);
    }
    show();
  };
  const make = () => {
    inputs.clear();
    const known = usual();
    const rows = Object.entries(ownDescription(family)).flatMap(([name, setting]) => {
      const input = inputFor(name, setting);
      if (input === null) return [];
      inputs.set(name, input);
      input.addEventListener('change', () => change(name, setting, input));
      const help = helpLine(setting, String(known[name]));
      const id = freshId('help');
      input.setAttribute('aria-describedby', id);
      const symbol = setting.symbol === undefined ? '' : ` ${setting.symbol}`;
      const label = h('label', { for: input.id, title: help }, `${words(name)}${symbol}`);
      const line = h('small', { id }, help);
      return isBox(input)
        ? [h('div', { class: 'field check', title: help }, input, label, line)]
        : [h('div', { class: 'field', title: help }, label, input, line)];
    });
    element.open = rows.length <= MOST_OPEN;
    element.hidden = rows.length === 0;
    fill(element, h('summary', {}, `Settings of ${family}`), ...rows);
  };
  const show = () => {
    const values = settings();
    for (const [name, input] of inputs) {
      if (document.activeElement === input && !isBox(input) && input.matches(':invalid')) continue;
      if (isBox(input)) input.checked = values[name] === true;
      else if (input.value !== String(values[name])) input.value = String(values[name]);
    }
  };
  const update = () => {
    if (store.state.family !== family) {
      family = store.state.family;
      make();
    }
    show();
  };
  store.on(update);
  update();
  return element;
}
