/**
 * Watches for Ctrl-C (and SIGTERM) without killing the process: long work asks `requested` between chunks and
 * ends cleanly. A second Ctrl-C ends at once.
 */
export class Interrupt {
  requested = false;
  private readonly onSignal = (): void => {
    if (this.requested) process.exit(130);
    this.requested = true;
  };

  constructor() {
    process.on('SIGINT', this.onSignal);
    process.on('SIGTERM', this.onSignal);
  }

  dispose(): void {
    process.off('SIGINT', this.onSignal);
    process.off('SIGTERM', this.onSignal);
  }
}
