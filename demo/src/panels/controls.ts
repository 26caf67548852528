/** The panel of everything that can be chosen. */
import {
  couplingNames,
  diffusionNames,
  distributionByName,
  distributionNames,
  familyByName,
  gammaNames,
  headNames,
  pathNames,
  solverByName,
  tableSolverNames,
} from 'tributary-engine';
import {
  classesOf,
  countLimit,
  hasDensity,
  type Limits,
  labelled,
  usableColour,
  usualCount,
  usualSampling,
} from '../choices.js';
import { h } from '../dom.js';
import { FAMILYS, type SampleChoice } from '../lab/recipe.js';
import { followsPath, pageFamilies } from '../own_settings.js';
import { COUNTS, CUSTOM, DEFAULTS, HIDDEN, MOST_STEPS, type State } from '../state.js';
import type { Store } from '../store.js';
import { type Choice, check, choose, group, numberField, slide, when } from './fields.js';
import { ownControls } from './own_controls.js';

const plain = (names: readonly string[]): Choice[] => names.map((value) => ({ value, text: value }));

const countText = (n: number) => (n >= 1e6 ? `${n / 1e6} million` : n.toLocaleString('en'));

/** Why some of a list's names cannot be chosen: each reason once, without the name that it begins with. */
function reasons(names: readonly string[], why: (name: string) => string): string {
  const known = new Map<string, string[]>();
  for (const name of names) {
    const reason = why(name).replace(`${name} `, '');
    if (reason !== '') known.set(reason, [...(known.get(reason) ?? []), name]);
  }
  return [...known].map(([reason, all]) => `${all.join(', ')}: ${reason}.`).join(' ');
}

export function controls(
  store: Store,
  actions: {
    draw(): void;
    open(file: File): void;
    limits(): Limits;
    /** Whether the model that the state describes, with this change, can be trained. */
    possible(change: Partial<State>): boolean;
    /** Why the model cannot be sampled so, or nothing. */
    refusal(move: { solver: string; diffusion?: string }): string;
    /** How particles move: those whose ε(t) is free, where there are any. */
    moved(): SampleChoice;
    /** What the family lets be set: as it is, and as the family has it by itself. */
    settings(): Readonly<Record<string, unknown>>;
    usual(): Readonly<Record<string, unknown>>;
    /** What is used of ε(t), where it can be used. */
    stirring(): { most: number; held: number } | null;
  },
): HTMLElement {
  /** What belongs to particles that a solver moves along a path. */
  const ofPath = ({ family }: State) => followsPath(family);
  const isFree = () => ofPath(store.state) && solverByName(actions.moved().solver).freeDiffusion;
  const whyDiffusion = (diffusion: string) =>
    isFree() ? actions.refusal({ solver: actions.moved().solver, diffusion }) : '';
  const file = h('input', {
    type: 'file',
    id: 'own-file',
    class: 'visually-hidden',
    tabindex: -1,
    accept: '.csv,.npy,image/*',
    onchange: (event: Event) => {
      const chosen = (event.target as HTMLInputElement).files?.[0];
      if (chosen) actions.open(chosen);
      (event.target as HTMLInputElement).value = '';
    },
  });
  const yours = h(
    'div',
    { class: 'buttons' },
    h('button', { type: 'button', id: 'draw', onclick: () => actions.draw() }, 'Draw your own'),
    h(
      'button',
      { type: 'button', id: 'open-file', onclick: () => file.click() },
      'Open .csv, .npy or a picture',
    ),
    h('label', { for: 'own-file', class: 'visually-hidden' }, 'File of points, or a picture'),
    file,
  );
  const data = group(
    'Data',
    true,
    choose(store, 'data', {
      label: 'Distribution',
      choices: ({ custom }) => [
        ...plain(distributionNames.filter((name) => distributionByName(name).dim === 2)),
        { value: CUSTOM, text: CUSTOM, disabled: custom === '' },
      ],
    }),
    yours,
    check(store, 'truth', {
      label: 'True density',
      hint: (state) => (hasDensity(state) ? '' : `The density of ${state.data} is not known.`),
    }),
    check(store, 'points', { label: 'The training points' }),
  );
  /** What a family brings, and what may take its place. */
  const own = (key: 'path' | 'gamma' | 'head' | 'coupling', label: string, names: readonly string[]) =>
    when(
      store,
      choose(store, key, {
        label,
        choices: (state) => [
          { value: '', text: 'the family’s' },
          ...(ofPath(state) ? plain(names) : []).map((one) => ({
            ...one,
            disabled: !actions.possible({ [key]: one.value }),
          })),
        ],
      }),
      ofPath,
    );
  const model = group(
    'Model',
    true,
    choose(store, 'family', {
      label: 'Family',
      choices: () => plain(pageFamilies),
      // Another family has its own.
      along: (family) => ({ ...FAMILYS, ...usualSampling(family) }),
    }),
    choose(store, 'hidden', {
      label: 'Network',
      choices: () => HIDDEN.map((width) => ({ value: String(width), text: `${width} wide, 2 blocks` })),
    }),
    when(store, check(store, 'conditional', { label: 'Knows the labels' }), (state) => classesOf(state) > 1),
    own('path', 'Path', pathNames),
    own('gamma', 'γ(t)', gammaNames),
    own('head', 'Learns', headNames),
    own('coupling', 'Coupling', couplingNames),
    numberField(store, 'seed', { label: 'Seed', range: [0, 2 ** 32 - 1] }),
  );
  const about = h('p', { class: 'note' });
  const describe = () => {
    const { summary, source } = familyByName(store.state.family);
    about.textContent = `${summary}. ${source}`;
  };
  store.on(describe);
  describe();
  model.append(about);
  const set = ownControls(store, actions.settings, actions.usual);
  const moving = group(
    'Particles',
    true,
    choose(store, 'n', {
      label: 'How many',
      choices: () => {
        const limits = actions.limits();
        const most = countLimit(limits);
        return [
          { value: '0', text: `${countText(usualCount(limits))} (usual here)` },
          ...COUNTS.map((n) => ({ value: String(n), text: countText(n), disabled: n > most })),
        ];
      },
    }),
    when(
      store,
      choose(store, 'solver', {
        label: 'Solver',
        choices: () =>
          tableSolverNames.map((name) => ({
            value: name,
            text: solverByName(name).stochastic ? `${name} (SDE)` : name,
            disabled: actions.refusal({ solver: name }) !== '',
          })),
        shown: ({ solver }) => (actions.refusal({ solver }) === '' ? solver : DEFAULTS.solver),
        hint: (state) =>
          ofPath(state) ? reasons(tableSolverNames, (solver) => actions.refusal({ solver })) : '',
      }),
      ofPath,
    ),
    when(store, slide(store, 'steps', { label: 'Steps', range: [1, MOST_STEPS], step: 1 }), ofPath),
    when(
      store,
      check(store, 'sde', {
        label: 'SDE beside the ODE, same seed',
        hint: ({ view }) =>
          view === 'compare'
            ? 'In the view Flow.'
            : actions.refusal({ solver: 'euler-maruyama' }).replace('euler-maruyama', 'It'),
      }),
      ofPath,
    ),
    when(
      store,
      slide(store, 'epsilon', {
        label: 'Scale of ε(t)',
        range: [0, 3],
        step: 0.05,
        text: (value) => value.toFixed(2),
        hint: ({ steps }) => {
          const stirred = isFree() ? actions.stirring() : null;
          if (stirred === null) return '';
          const { most, held } = stirred;
          const why = `; in ${held} of ${steps} steps less than asked for: such long steps bear no more`;
          return `ε ≤ ${most.toFixed(2)}${held > 0 ? why : ''}.`;
        },
      }),
      isFree,
    ),
    when(
      store,
      choose(store, 'diffusion', {
        label: 'ε(t)',
        choices: () =>
          plain(diffusionNames).map((one) => ({ ...one, disabled: whyDiffusion(one.value) !== '' })),
        shown: ({ diffusion }) => (isFree() ? actions.moved().diffusion : diffusion),
        hint: () => reasons(diffusionNames, whyDiffusion),
      }),
      isFree,
    ),
    when(
      store,
      slide(store, 'guidance', {
        label: 'Guidance',
        range: [0, 8],
        step: 0.1,
        text: (value) => value.toFixed(1),
      }),
      (state) => ofPath(state) && labelled(state),
    ),
    when(
      store,
      choose(store, 'label', {
        label: 'Label',
        choices: (state) => [
          { value: '-1', text: 'all' },
          ...Array.from({ length: classesOf(state) }, (_, i) => ({
            value: String(i),
            text: String(i),
          })),
        ],
        // A label that these data do not have is one of the data before.
        shown: (state) => String(state.label < classesOf(state) ? state.label : -1),
      }),
      labelled,
    ),
    choose(store, 'colour', {
      label: 'Colour',
      choices: (state) => [
        { value: 'label', text: 'by label', disabled: !labelled(state) },
        { value: 'speed', text: 'by speed', disabled: !ofPath(state) },
        { value: 'logp', text: 'by log p of the truth', disabled: !hasDensity(state) },
        { value: 'one', text: 'one colour' },
      ],
      shown: usableColour,
    }),
    when(
      store,
      choose(store, 'field', {
        label: 'Velocity field',
        choices: () => [
          { value: 'none', text: 'hidden' },
          { value: 'arrows', text: 'arrows' },
          { value: 'streamlines', text: 'streamlines' },
        ],
      }),
      ofPath,
    ),
    check(store, 'trails', { label: 'Trails' }),
  );
  const machine = group(
    'Machine',
    false,
    choose(store, 'backend', {
      label: 'Computes on',
      choices: () => [
        { value: 'auto', text: 'the best there is' },
        { value: 'webgpu', text: 'graphics card (WebGPU)' },
        { value: 'cpu', text: 'processor' },
      ],
    }),
  );
  return h(
    'form',
    { class: 'controls', 'aria-label': 'Choices', onsubmit: (event: Event) => event.preventDefault() },
    data,
    model,
    set,
    moving,
    machine,
  );
}
