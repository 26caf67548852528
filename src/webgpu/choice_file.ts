import { type All, type ChoiceStore, choicesOf, parsed } from './choice_store.js';

/** In Node: `tributary/kernels.json` in the user's cache folder. */
export function fileStore(): ChoiceStore {
  const { join } = process.getBuiltinModule('node:path');
  const { homedir } = process.getBuiltinModule('node:os');
  const { readFileSync, mkdirSync, writeFileSync, renameSync } = process.getBuiltinModule('node:fs');
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tributary');
  const file = join(folder, 'kernels.json');
  const read = (): All => {
    try {
      return parsed(readFileSync(file, 'utf8'));
    } catch {
      return {};
    }
  };
  return {
    load: async (adapter) => choicesOf(read(), adapter),
    save: async (adapter, choices) => {
      try {
        mkdirSync(folder, { recursive: true });
        const fresh = `${file}.${process.pid}`;
        writeFileSync(fresh, `${JSON.stringify({ ...read(), [adapter]: choices }, null, 2)}\n`);
        renameSync(fresh, file);
      } catch {
        // No home, or none that can be written.
      }
    },
  };
}
