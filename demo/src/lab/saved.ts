/** What training left, kept by the browser: a reload goes on where it stopped. */
import type { History, Saved } from './messages.js';

const DATABASE = 'tributary-demo';
const RUNS = 'runs';
/** Runs kept, in all and of one model, which has one for each number of steps that was asked for; the oldest go first. */
const MOST = 12;
const MOST_OF_ONE = 3;
/** Raised when a kept run no longer means what it meant. */
const FORMAT = 2;
/** Some browsers leave a request without an answer for ever, as after a crash of their storage. */
const PATIENCE_MS = 4000;

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

/** @throws DOMException after a while */
const impatient = <T>(promise: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const late = () => reject(new DOMException('the browser does not answer', 'TimeoutError'));
    const timer = setTimeout(late, PATIENCE_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });

/** All runs of a model, whatever their target: digits come before the colon. */
const runsOf = (key: string) => IDBKeyRange.bound(`${key}@`, `${key}@:`);

/** One after the other, so that what is forgotten is not kept again by what was on its way. */
let queue: Promise<unknown> = Promise.resolve();

/** Works on the runs; done when the disk has taken it. */
function onRuns<T>(mode: IDBTransactionMode, work: (runs: IDBObjectStore) => Promise<T>): Promise<T> {
  const next = queue.then(async () => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(RUNS);
    const db = await impatient(finished(request));
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

const age = ({ when }: Partial<Entry>) => when ?? 0;

/** Forgets the oldest of too many. */
async function prune(runs: IDBObjectStore, range: IDBKeyRange | undefined, most: number): Promise<void> {
  const keys = await finished(runs.getAllKeys(range));
  if (keys.length <= most) return;
  const entries = (await finished(runs.getAll(range))) as Partial<Entry>[];
  const oldest = entries.reduce((best, one, i) => (age(one) < age(entries[best]) ? i : best), 0);
  await finished(runs.delete(keys[oldest]));
}

/**
 * Keeps a run on its way to `target`, unless another tab has kept it at a later step.
 * @throws DOMException where the browser keeps nothing, as in some private windows, or its disk is full
 */
export const keepRun = (key: string, target: number, saved: Saved): Promise<void> =>
  onRuns('readwrite', async (runs) => {
    const own = `${key}@${target}`;
    const before: unknown = await finished(runs.get(own));
    if (isEntry(before) && before.step > saved.step) return;
    const entry: Entry = { ...saved, format: FORMAT, when: Date.now() };
    await finished(runs.put(entry, own));
    await prune(runs, runsOf(key), MOST_OF_ONE);
    await prune(runs, undefined, MOST);
  });

/**
 * The run that is furthest on the way to `target` and not beyond; null where there is none, or 'unusable' where all
 * that was kept is broken or of another version of this page.
 */
export async function keptRun(key: string, target: number): Promise<Saved | 'unusable' | null> {
  try {
    const all = await onRuns('readonly', (runs) => finished<unknown[]>(runs.getAll(runsOf(key))));
    const entries = all.filter(isEntry);
    if (entries.length === 0) return all.length > 0 ? 'unusable' : null;
    return entries
      .filter(({ step }) => step <= target)
      .reduce<Saved | null>((best, one) => (best === null || one.step > best.step ? one : best), null);
  } catch {
    return null;
  }
}

/** Forgets all runs of a model. */
export async function forgetRun(key: string): Promise<void> {
  try {
    await onRuns('readwrite', (runs) => finished(runs.delete(runsOf(key))));
  } catch {
    // Nothing was kept.
  }
}
