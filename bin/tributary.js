#!/usr/bin/env node
import { existsSync } from 'node:fs';

const cli = new URL('../dist/cli.js', import.meta.url);
if (!existsSync(cli)) {
  process.stderr.write('tributary: the build is missing; run "npm run build" first\n');
  process.exit(1);
}
// A reader that goes away (| head) is no error; a disk that is full is one line.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') process.stderr.write(`tributary: cannot write the result: ${error.message}\n`);
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});
const { main } = await import(cli.href);
process.exitCode = await main(process.argv.slice(2));
