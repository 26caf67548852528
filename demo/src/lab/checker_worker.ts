/** Runs the verification of a backend off the page's thread: kernels on the graphics card, the truth on the CPU. */
import { createEngine, TributaryError, verify } from 'tributary-engine';
import type { FromChecker, ToChecker } from './messages.js';

const post = (message: FromChecker) => postMessage(message);

addEventListener('message', async ({ data }: MessageEvent<ToChecker>) => {
  try {
    const backend = await createEngine({ backend: data.backend });
    const report = await verify({ backend, seed: 0, onRow: (row) => post({ type: 'row', row }) });
    backend.destroy();
    post({ type: 'report', report });
  } catch (error) {
    const code = error instanceof TributaryError ? error.code : 'error';
    post({ type: 'error', code, message: error instanceof Error ? error.message : String(error) });
  }
});
