/** Keeps a machine running: opens the one that is asked for, and another when the graphics card is lost. */
import { say } from '../dom.js';
import type { BackendChoiceName } from '../lab/names.js';
import { cpuMachine, type Machine, openMachine } from '../machine.js';

/** Losses within a minute after which the card is left alone. */
const MOST_LOSSES = 3;

export class Keeper {
  /** Null while another one is being opened. */
  machine: Machine | null = null;
  /** Where models train; while another machine is being opened, as on the one before. */
  training: BackendChoiceName = 'cpu';
  /** Times that the device has been lost. */
  losses = 0;
  private opening: Promise<void> | null = null;
  /** Whether something has been asked for that is not being opened yet. */
  private outdated = false;
  private lostAt: number[] = [];
  /** The choice that the card has failed at again and again: the address keeps it, for whoever it is sent to. */
  private hopeless: BackendChoiceName | null = null;

  /**
   * @param wanted which backend the visitor wants, now
   * @param onClose called before a machine ends, to let go of everything that runs on it
   * @param onOpen called when another one runs
   */
  constructor(
    private readonly wanted: () => BackendChoiceName,
    private readonly onClose: () => void,
    private readonly onOpen: (machine: Machine) => void,
  ) {}

  /** One after the other, and the last choice counts: those in between are never opened. */
  async open(): Promise<void> {
    this.outdated = true;
    this.opening ??= this.reopen().finally(() => {
      this.opening = null;
    });
    await this.opening;
  }

  private async reopen(): Promise<void> {
    while (this.outdated) {
      this.outdated = false;
      this.onClose();
      this.machine?.destroy();
      this.machine = null;
      const machine = await this.next();
      if (this.outdated) {
        // Something else has been chosen since.
        machine.destroy();
        continue;
      }
      this.machine = machine;
      this.training = machine.training;
      document.documentElement.dataset.machine = machine.kind;
      this.onOpen(machine);
    }
  }

  private next(): Promise<Machine> | Machine {
    const wanted = this.wanted();
    if (this.hopeless !== wanted) this.hopeless = null;
    // One that has been replaced loses nothing: it is destroyed, and says no more.
    if (this.hopeless === null) return openMachine(wanted, () => void this.recover());
    return cpuMachine('The graphics card keeps failing');
  }

  private async recover(): Promise<void> {
    this.losses++;
    const now = performance.now();
    this.lostAt = [...this.lostAt.filter((time) => now - time < 60_000), now];
    if (this.lostAt.length > MOST_LOSSES) {
      this.hopeless = this.wanted();
      this.lostAt = [];
      say('The graphics card keeps failing: everything runs on the processor now.');
    } else say('The graphics card was lost; starting it again.');
    await this.open();
  }
}
