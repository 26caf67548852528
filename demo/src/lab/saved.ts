/** What training left, kept by the browser: a reload goes on where it stopped. */
import type { History, Saved } from './messages.js';

const DATABASE = 'tributary-demo';
const RUNS = 'runs';
/** Runs kept; the oldest go first. */
const MOST = 12;
/** Raised when a kept run no longer means what it meant. */
const FORMAT = 1;

interface Entry extends Saved {
  readonly format: typeof FORMAT;
  readonly when: number;
}

function finished<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** One after the other, so that what is forgotten is not kept again by what was on its way. */
let queue: Promise<unknown> = Promise.resolve();

/** Works on the runs; done when the disk has taken it. */
function onRuns<T>(mode: IDBTransactionMode, work: (runs: IDBObjectStore) => Promise<T>): Promise<T> {
  const next = queue.then(async () => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(RUNS);
    const db = await finished(request);
    try {
      const transaction = db.transaction(RUNS, mode);
      const written = new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error);
      });
      const [result] = await Promise.all([work(transaction.objectStore(RUNS)), written]);
      return result;
    } finally {
      db.close();
    }
  });
  queue = next.catch(() => undefined);
  return next;
}

function isHistory(value: Partial<History> | undefined): value is History {
  const { loss, excess, evaluation, memorising } = value ?? {};
  return (
    Array.isArray(loss) &&
    loss.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(Number.isFinite)) &&
    Array.isArray(excess) &&
    (evaluation === null || typeof evaluation?.result?.metrics === 'object') &&
    (memorising === null || typeof memorising === 'number')
  );
}

/** Whether a record is one that this version of the page has written, as far as its outside tells. */
function isEntry(value: unknown): value is Entry {
  const { format, step, bytes, whole, history } = (value ?? {}) as Partial<Entry>;
  return (
    format === FORMAT &&
    Number.isSafeInteger(step) &&
    bytes instanceof Uint8Array &&
    typeof whole === 'boolean' &&
    isHistory(history)
  );
}

/**
 * Keeps a run, unless another tab has kept it at a later step.
 * @throws DOMException where the browser keeps nothing, as in some private windows, or its disk is full
 */
export const keepRun = (key: string, saved: Saved): Promise<void> =>
  onRuns('readwrite', async (runs) => {
    const before: unknown = await finished(runs.get(key));
    if (isEntry(before) && before.step > saved.step) return;
    const entry: Entry = { ...saved, format: FORMAT, when: Date.now() };
    await finished(runs.put(entry, key));
    const keys = await finished(runs.getAllKeys());
    if (keys.length <= MOST) return;
    const entries = (await finished(runs.getAll())) as Partial<Entry>[];
    const age = ({ when }: Partial<Entry>) => when ?? 0;
    const oldest = entries.reduce((best, one, i) => (age(one) < age(entries[best]) ? i : best), 0);
    await finished(runs.delete(keys[oldest]));
  });

/** The run, null where there is none, or 'unusable' for what is broken or of another version of this page. */
export async function keptRun(key: string): Promise<Saved | 'unusable' | null> {
  try {
    const entry: unknown = await onRuns('readonly', (runs) => finished(runs.get(key)));
    if (entry === undefined) return null;
    return isEntry(entry) ? entry : 'unusable';
  } catch {
    return null;
  }
}

export async function forgetRun(key: string): Promise<void> {
  try {
    await onRuns('readwrite', (runs) => finished(runs.delete(key)));
  } catch {
    // Nothing was kept.
  }
}
