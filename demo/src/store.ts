/** What a visitor has chosen, who listens to it, and the address that follows it. */
import { keepOwn, keptOwn } from './data/own.js';
import { badAddress, hashOf, type Key, type State, stateOf } from './state.js';

type Listener = (changed: ReadonlySet<Key>) => void;

/** The state, who listens to it, and the address that follows it. */
export class Store {
  state: State;
  private readonly listeners = new Set<Listener>();
  private writing: ReturnType<typeof setTimeout> | undefined;
  /** Which entries of the browser's history are views of this very visit: they bear its number. */
  private visit: number = history.state?.visit ?? Date.now();

  /** @param say told what an address says that is not known */
  constructor(private readonly say: (text: string) => void) {
    this.state = this.read();
    window.addEventListener('popstate', () => this.arrive());
  }

  /** Follows the browser, which went back or forth or to another address. */
  private arrive(): void {
    const { visit } = history.state ?? {};
    if (visit === this.visit) {
      // Only another view of what goes on.
      this.change({ view: stateOf(location.hash).view });
      this.write();
      return;
    }
    this.visit = visit ?? Date.now();
    if (location.hash.replace(/^#/, '') !== hashOf(this.state)) this.change(this.read());
  }

  /** The address's state; what it says wrongly is said. */
  private read(): State {
    const bad: string[] = [];
    const state = stateOf(location.hash, (words) => bad.push(words));
    if (state.custom === '') state.custom = keptOwn();
    if (bad.length > 0) this.say(badAddress(bad));
    return state;
  }

  /** Another view is a step of the browser's history; everything else changes the address of the step at hand. */
  set(change: Partial<State>): void {
    const entering = change.view !== undefined && change.view !== this.state.view;
    if (entering) {
      this.write();
      history.pushState(null, '');
    }
    this.change(change);
    if (entering) this.write();
  }

  private change(change: Partial<State>): void {
    if (change.custom) keepOwn(change.custom);
    const changed = new Set<Key>();
    for (const key of Object.keys(change) as Key[]) if (change[key] !== this.state[key]) changed.add(key);
    if (changed.size === 0) return;
    this.state = { ...this.state, ...change };
    this.tell(changed);
    // Browsers limit how often an address may change.
    clearTimeout(this.writing);
    this.writing = setTimeout(() => this.write(), 250);
  }

  /** Puts the state into the address now. */
  write(): void {
    clearTimeout(this.writing);
    const words = hashOf(this.state);
    history.replaceState(
      { visit: this.visit },
      '',
      words === '' ? location.pathname + location.search : `#${words}`,
    );
  }

  /** Has everybody look again: something beside the state has changed. */
  touch(): void {
    this.tell(new Set());
  }

  /** One that fails keeps nobody else from following. */
  private tell(changed: ReadonlySet<Key>): void {
    for (const listener of this.listeners) {
      try {
        listener(changed);
      } catch (error) {
        this.say(error instanceof Error ? error.message : String(error));
      }
    }
  }

  on(listener: Listener): void {
    this.listeners.add(listener);
  }
}
