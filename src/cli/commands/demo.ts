import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { badInput } from '../../errors.js';
import { wholeNumber } from '../options.js';
import { serveFolder } from '../static_server.js';

const PORT = 4173;

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('serve the demo page: draw data, watch a model learn them, see its particles flow')
    .option('--port <n>', 'port on this machine; 0 for any that is free', wholeNumber(0, 65535), PORT)
    .action(demo);
}

async function demo({ port }: { port: number }): Promise<void> {
  // The built page lies in the package, beside the folder of this program.
  const folder = fileURLToPath(new URL(/* @vite-ignore */ '../demo/dist', import.meta.url));
  const server = await serveFolder(folder, {}, port).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    const why = code === 'EACCES' ? 'may not be used' : 'is taken';
    badInput(`port ${port} ${why}; choose another by --port, or 0 for a free one`);
  });
  if (!existsSync(`${folder}/index.html`)) {
    await server.close();
    badInput('the demo page is not built; run "npm run build:demo" in a clone first');
  }
  process.stdout.write(`${server.url}/\n`);
  process.stderr.write('the demo page is served on this machine until Ctrl-C\n');
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await server.close();
}
