/** The data that a visitor made last: kept by the browser, for addresses carry them only while they are shown. */

const KEY = 'tributary-own';

export function keepOwn(custom: string): void {
  try {
    localStorage.setItem(KEY, custom);
  } catch {
    // A browser that keeps nothing: the address still does.
  }
}

/** Nothing where there are none. */
export function keptOwn(): string {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}
