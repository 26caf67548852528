import { Presets, SingleBar } from 'cli-progress';

/** A progress bar on stderr; on something that is not a terminal, a line every tenth of the way. */
export interface Progress {
  update(done: number, note?: string): void;
  stop(): void;
}

/** @param quiet shows nothing */
export function progressBar(title: string, total: number, quiet = false): Progress {
  if (quiet) return { update() {}, stop() {} };
  if (!process.stderr.isTTY) {
    let shown = -1;
    return {
      update(done, note = '') {
        const tenth = Math.floor((10 * done) / total);
        if (tenth <= shown) return;
        shown = tenth;
        process.stderr.write(`${title} ${done}/${total}${note ? `  ${note}` : ''}\n`);
      },
      stop() {},
    };
  }
  const bar = new SingleBar(
    {
      format: `${title.padEnd(10)} {bar} {percentage}%  {value}/{total}  eta {eta_formatted}  {note}`,
      hideCursor: true,
      stopOnComplete: false,
      clearOnComplete: false,
      stream: process.stderr,
      fps: 8,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0, { note: '' });
  return {
    update: (done, note = '') => bar.update(done, { note }),
    stop: () => bar.stop(),
  };
}
