/** Making elements with few words. */

type Child = Node | string | null | false;
type Attributes = Readonly<Record<string, string | number | boolean | null | ((event: never) => void)>>;

/**
 * An element. Attributes that are functions listen (`onclick`), true means present, null and false mean absent.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== null && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== false));
  return element;
}

/** A drawing of 16 × 16 that says nothing by itself. */
export function icon(path: string): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  shape.setAttribute('d', path);
  svg.append(shape);
  return svg;
}

/** Replaces what an element holds. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...children.filter((child) => child !== null && child !== false));
}

let made = 0;
export const freshId = (word: string) => `${word}-${made++}`;

/** A number in few characters. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : value < 0 ? '−∞' : '–';
  const size = Math.abs(value);
  if (size >= 1e6) return `${(value / 1e6).toPrecision(3)} M`;
  if (size >= 1e4) return `${(value / 1e3).toPrecision(3)} k`;
  if (size >= 100 || Number.isInteger(value)) return value.toFixed(0).replace('-', '−');
  if (size >= 0.001) return value.toPrecision(3).replace('-', '−');
  return value === 0 ? '0' : value.toExponential(1).replace('-', '−');
}

/** Offers `content` as a file. */
export function download(name: string, content: Blob | string | Uint8Array): void {
  const blob = content instanceof Blob ? content : new Blob([content as BlobPart]);
  const url = URL.createObjectURL(blob);
  const link = h('a', { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Puts a button to rest, or back to work. Unlike `disabled` this leaves the focus of whoever has just pressed it. */
export function rest(button: HTMLButtonElement, resting: boolean): void {
  button.setAttribute('aria-disabled', String(resting));
}

document.addEventListener(
  'click',
  (event) => {
    if ((event.target as Element).closest('[aria-disabled="true"]')) event.stopImmediatePropagation();
  },
  true,
);

// There from the beginning: what is read aloud is what changes in an element that was known before.
const live = h('div', { class: 'toast', role: 'status' });
document.body.append(live);
let hiding: ReturnType<typeof setTimeout> | undefined;

/** One line that goes away by itself, later the longer it is, and is read aloud. */
export function say(text: string): void {
  // What lies under an open dialog is neither seen well nor read aloud.
  const place = document.querySelector('dialog[open]') ?? document.body;
  if (live.parentNode !== place) place.append(live);
  live.textContent = text;
  live.classList.add('shown');
  clearTimeout(hiding);
  hiding = setTimeout(() => live.classList.remove('shown'), Math.max(6000, 90 * text.length));
}

document.addEventListener('keydown', ({ key }) => {
  // It may lie over what has the focus.
  if (key === 'Escape') live.classList.remove('shown');
});

/** A dialog that is gone once it is closed. */
export function openDialog(name: string, title: string, ...children: Child[]): HTMLDialogElement {
  const id = freshId('title');
  const dialog = h('dialog', { class: name, 'aria-labelledby': id }, h('h2', { id }, title), ...children);
  dialog.addEventListener('close', () => {
    if (dialog.contains(live)) document.body.append(live);
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * @param done what to say when it is in the clipboard
 * @param from where a visitor finds the text to copy it otherwise
 */
export async function copyText(text: string, done = 'Copied.', from = 'here'): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(done);
  } catch {
    say(`The browser does not let this page copy: select the text ${from} and copy it yourself.`);
  }
}
