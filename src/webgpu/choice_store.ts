/** Where tuned choices are kept from one engine to the next: a file in Node, the page's storage in a page. */

import { fileStore } from './choice_file.js';

/** Variants by call, `KERNEL: sizes`. */
export type Choices = Readonly<Record<string, string>>;

export interface ChoiceStore {
  load(adapter: string): Promise<Choices>;
  save(adapter: string, choices: Choices): Promise<void>;
}

const KEY = 'tributary kernel choices';

export type All = Record<string, Choices>;

/** What is kept is a convenience: where it cannot be read or written, everything works without it. */
export function parsed(text: string | null): All {
  try {
    const all: unknown = JSON.parse(text ?? '{}');
    return typeof all === 'object' && all !== null && !Array.isArray(all) ? (all as All) : {};
  } catch {
    return {};
  }
}

/** The entries of one adapter that make sense. */
export function choicesOf(all: All, adapter: string): Choices {
  const own: unknown = all[adapter];
  if (typeof own !== 'object' || own === null) return {};
  return Object.fromEntries(Object.entries(own).filter(([, variant]) => typeof variant === 'string'));
}

/** In a page. */
function pageStore(storage: Storage): ChoiceStore {
  return {
    load: async (adapter) => choicesOf(parsed(storage.getItem(KEY)), adapter),
    save: async (adapter, choices) => {
      try {
        const all = parsed(storage.getItem(KEY));
        storage.setItem(KEY, JSON.stringify({ ...all, [adapter]: choices }));
      } catch {
        // Full, or forbidden.
      }
    },
  };
}

const NOWHERE: ChoiceStore = { load: async () => ({}), save: async () => undefined };

/** The place that this program has. */
export function choiceStore(): ChoiceStore {
  try {
    if (typeof localStorage !== 'undefined' && typeof document !== 'undefined')
      return pageStore(localStorage);
    if (typeof process !== 'undefined' && process.versions?.node !== undefined) return fileStore();
  } catch {
    // A page may be forbidden its storage.
  }
  return NOWHERE;
}
