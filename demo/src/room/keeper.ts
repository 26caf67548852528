/** Keeps a machine running: opens the one that is asked for, and another when the graphics card is lost. */
import { say } from '../dom.js';
import type { BackendChoiceName } from '../lab/names.js';
import { type Machine, openMachine } from '../machine.js';

/** Losses within a minute after which the card is left alone. */
const MOST_LOSSES = 3;

export class Keeper {
  machine: Machine | null = null;
  /** Times that the device has been lost. */
  losses = 0;
  private opening: Promise<void> | null = null;
  private lostAt: number[] = [];

  /**
   * @param wanted which backend the visitor wants, now
   * @param onClose called before a machine ends, to let go of everything that runs on it
   * @param onOpen called when another one runs
   * @param onHopeless called when the card has been lost again and again
   */
  constructor(
    private readonly wanted: () => BackendChoiceName,
    private readonly onClose: () => void,
    private readonly onOpen: (machine: Machine) => void,
    private readonly onHopeless: () => void,
  ) {}

  /** One after the other, and the last choice counts. */
  async open(): Promise<void> {
    if (this.opening !== null) await this.opening;
    this.opening = this.reopen();
    await this.opening;
    this.opening = null;
  }

  private async reopen(): Promise<void> {
    this.onClose();
    this.machine?.destroy();
    const machine = await openMachine(this.wanted(), () => void this.recover());
    this.machine = machine;
    document.documentElement.dataset.machine = machine.kind;
    this.onOpen(machine);
  }

  private async recover(): Promise<void> {
    this.losses++;
    const now = performance.now();
    this.lostAt = [...this.lostAt.filter((time) => now - time < 60_000), now];
    if (this.lostAt.length > MOST_LOSSES) {
      say('The graphics card keeps failing: everything runs on the processor now.');
      this.onHopeless();
      return;
    }
    say('The graphics card was lost; starting it again.');
    await this.open();
  }
}
