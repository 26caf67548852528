/** The page's frame: its header, the views, and which of them is shown. */
import { fill, h } from './dom.js';
import { wordsOf } from './lab/fetched.js';
import { type State, VIEWS } from './state.js';
import type { Store } from './store.js';

const TITLES: Record<State['view'], string> = {
  flow: 'Flow',
  compare: 'Compare',
  quiz: 'Quiz',
  verify: 'Verify my GPU',
};

/** A view that is fetched when it is wanted; it fills the element. */
export type Room = (element: HTMLElement) => Promise<void>;

export class Page {
  private readonly main = h('main', { id: 'main', tabindex: -1 });
  private readonly nav: HTMLElement;

  /**
   * @param flow what the views of particles show
   * @param skip called by whoever wants to skip the header where the particles are
   * @param help called by whoever asks what to do here
   */
  constructor(
    root: HTMLElement,
    store: Store,
    private readonly flow: HTMLElement,
    private readonly rooms: Readonly<Record<'quiz' | 'verify', Room>>,
    skip: () => void,
    help: () => void,
  ) {
    this.nav = h(
      'nav',
      { 'aria-label': 'Views' },
      ...VIEWS.map((view) =>
        h('button', { type: 'button', id: `view-${view}`, onclick: () => store.set({ view }) }, TITLES[view]),
      ),
    );
    const skipHere = (event: Event) => {
      event.preventDefault();
      if (this.flow.isConnected) skip();
      else this.main.focus();
    };
    root.append(
      h('a', { class: 'skip', href: '#main', onclick: skipHere }, 'Skip to what matters'),
      h(
        'header',
        {},
        h('h1', {}, h('span', {}, 'Tributary'), h('small', {}, 'many models, one river')),
        h('button', { type: 'button', id: 'help', 'aria-label': 'What to do here', onclick: help }, '?'),
        this.nav,
      ),
      this.main,
    );
  }

  show(view: State['view']): void {
    for (const button of this.nav.querySelectorAll('button')) {
      if (button.id === `view-${view}`) button.setAttribute('aria-current', 'page');
      else button.removeAttribute('aria-current');
    }
    document.documentElement.dataset.view = view;
    document.title = `${TITLES[view]} · Tributary`;
    if (view === 'flow' || view === 'compare') {
      this.main.replaceChildren(this.flow);
      return;
    }
    const page = h('div', { class: 'page' });
    this.main.replaceChildren(page);
    this.enter(page, this.rooms[view]);
  }

  /** Shows a view, or why it is not to be had and what to do. */
  private enter(page: HTMLElement, room: Room): void {
    const again = () => {
      this.main.focus();
      this.enter(page, room);
    };
    room(page).catch((error: unknown) =>
      fill(
        page,
        h('p', { role: 'alert' }, wordsOf(error)),
        h(
          'div',
          { class: 'buttons' },
          h('button', { type: 'button', id: 'again', class: 'primary', onclick: again }, 'Try again'),
          // Some browsers remember for as long as a page is open that a script was not to be had.
          h('button', { type: 'button', onclick: () => location.reload() }, 'Reload the page'),
        ),
      ),
    );
  }
}
