/** What comes from outside the controls: keys, files that are dropped, and the window. */
import type { App } from '../app.js';
import { say } from '../dom.js';
import { CUSTOM } from '../state.js';

/** Learns the points or the picture of a file; what is wrong with it is said, and nothing changes. */
export async function openFile({ store }: Pick<App, 'store'>, file: File): Promise<void> {
  try {
    const { customFromFile } = await import('../data/drop.js');
    const custom = await customFromFile(file);
    store.set({ data: CUSTOM, custom });
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
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
    const file = event.dataTransfer?.files[0];
    if (file) void openFile(app, file);
  });
  window.addEventListener('pagehide', () => store.write());
}
