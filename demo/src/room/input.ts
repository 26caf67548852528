/** What comes from outside the controls: keys, files that are dropped, and the window. */
import type { App } from '../app.js';
import { say } from '../dom.js';
import { wordsOf } from '../lab/fetched.js';
import { CUSTOM } from '../state.js';

/** Learns the points or the picture of a file; what is wrong with it is said, and nothing changes. */
export async function openFile({ store }: Pick<App, 'store'>, file: File): Promise<void> {
  try {
    const { dataFromFile } = await import('../data/drop.js');
    const { custom, remark } = await dataFromFile(file);
    const { view } = store.state;
    // They are seen where particles are.
    store.set({ data: CUSTOM, custom, view: view === 'compare' ? view : 'flow' });
    if (remark !== '') say(remark);
  } catch (error) {
    say(wordsOf(error));
  }
}

const WANTED = 'drop a .csv, a .npy or a picture';

/** Whatever somebody has let go over the page. */
function openDrop(app: App, { items, files }: DataTransfer): void {
  const folder = [...items].find((item) => item.webkitGetAsEntry?.()?.isDirectory);
  if (folder) say(`That is a folder: ${WANTED} out of it.`);
  else if (files.length === 0) say(`That is no file: ${WANTED}.`);
  else if (files.length > 1) say(`Those are ${files.length} files: ${WANTED}, one at a time.`);
  else void openFile(app, files[0]);
}

export function listen(app: App): void {
  const { store, stage } = app;
  document.addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement;
    if (event.key === ' ' && (target === document.body || target === stage.element)) {
      event.preventDefault();
      document.getElementById('play')?.click();
    }
  });
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    if (event.dataTransfer) openDrop(app, event.dataTransfer);
  });
  window.addEventListener('pagehide', () => store.write());
}
