/**
 * `import url from './trainer_worker.ts?worker-url'`: the address of a worker that is built together with the page,
 * so that both load the same files. Vite's own `new Worker(new URL(…))` builds every worker apart, with a copy of
 * the library in each.
 */
import type { Plugin } from 'vite';

const SUFFIX = '?worker-url';

export function sharedWorkers(): Plugin {
  return {
    name: 'shared-workers',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (!source.endsWith(SUFFIX)) return null;
      const resolved = await this.resolve(source.slice(0, -SUFFIX.length), importer);
      return resolved === null ? null : `${resolved.id}${SUFFIX}`;
    },
    load(id) {
      if (!id.endsWith(SUFFIX)) return null;
      const reference = this.emitFile({ type: 'chunk', id: id.slice(0, -SUFFIX.length) });
      return `export default import.meta.ROLLUP_FILE_URL_${reference};`;
    },
  };
}
