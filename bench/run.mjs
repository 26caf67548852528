/** Runs a benchmark written in TypeScript: `node bench/run.mjs bench/NAME.ts [arguments]`. */
import { createServer } from 'vite';

const [file, ...args] = process.argv.slice(2);
const server = await createServer({
  configFile: 'bench/run.config.ts',
  logLevel: 'error',
  server: { middlewareMode: true, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
});
const { default: run } = await server.ssrLoadModule(`/${file}`);
await run(args);
await server.close();
// Dawn's threads would keep the process.
process.exit();
