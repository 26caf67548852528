/** What training left, kept by the browser: a reload goes on where it stopped. */
import type { Saved } from './messages.js';

const DATABASE = 'tributary-demo';
const RUNS = 'runs';
/** Runs kept; the oldest go first. */
const MOST = 12;

interface Entry extends Saved {
  readonly when: number;
}

function finished<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function database(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(RUNS);
  return finished(request);
}

/** Does nothing where the browser keeps nothing, as in some private windows. */
export async function keepRun(key: string, saved: Saved): Promise<void> {
  try {
    const db = await database();
    const store = db.transaction(RUNS, 'readwrite').objectStore(RUNS);
    const entry: Entry = { ...saved, when: Date.now() };
    await finished(store.put(entry, key));
    const keys = await finished(store.getAllKeys());
    if (keys.length > MOST) {
      const entries = (await finished(store.getAll())) as Entry[];
      const oldest = keys[entries.reduce((best, one, i) => (one.when < entries[best].when ? i : best), 0)];
      await finished(store.delete(oldest));
    }
    db.close();
  } catch {
    // The run goes on; it only does not survive a reload.
  }
}

export async function keptRun(key: string): Promise<Saved | null> {
  try {
    const db = await database();
    const entry = await finished(db.transaction(RUNS).objectStore(RUNS).get(key));
    db.close();
    return (entry as Entry | undefined) ?? null;
  } catch {
    return null;
  }
}

export async function forgetRun(key: string): Promise<void> {
  try {
    const db = await database();
    await finished(db.transaction(RUNS, 'readwrite').objectStore(RUNS).delete(key));
    db.close();
  } catch {
    // Nothing was kept.
  }
}
