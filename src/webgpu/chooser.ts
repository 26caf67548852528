/** Which variant every call takes, and why: made once a shape, bounded in time, and there to be seen. */
import type { KernelChoice } from '../backend/backend.js';
import type { KernelCall } from '../backend/kernel.js';
import type { ChoiceStore, Choices } from './choice_store.js';
import {
  type AdapterTraits,
  fixedVariant,
  possibleVariants,
  tunableVariants,
  type Variant,
} from './variants.js';

/**
 * `false`: by a fixed table, the same on every adapter of a kind. `true`: by what is measured here, within a second,
 * and kept for the next time. `'cached'`: by what was kept, and else by the table.
 */
export type Tune = boolean | 'cached';

/** All measurements of an engine together take about this long at most. */
const BUDGET_MS = 900;
/** Measured candidates must win by this factor: less is noise, and changes nothing worth a change. */
const WIN = 0.95;

/** Parameters that say how a call goes on from its sums, not how large it is. */
const FLAGS = new Set(['hasResidual', 'accumulate', 'power', 'history']);

/** What another engine has chosen. */
export type MadeChoice = Pick<KernelChoice, 'kernel' | 'shape' | 'variant'>;

const shapeOf = (params: Readonly<Record<string, number>>): string =>
  Object.entries(params)
    .filter(([name]) => !FLAGS.has(name))
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

const keyOf = ({ kernel, params }: Pick<KernelCall, 'kernel' | 'params'>): string =>
  `${kernel}: ${shapeOf(params)}`;

export class Chooser {
  private readonly made = new Map<string, KernelChoice>();
  private readonly given: Choices;
  private kept: Choices | null = null;
  private spent = 0;

  /**
   * @param given choices that win over everything, such as those that a run was begun with
   * @param time a call's milliseconds with one of its variants
   */
  constructor(
    private readonly adapter: AdapterTraits & { readonly name: string },
    private readonly tune: Tune,
    given: readonly MadeChoice[],
    private readonly store: ChoiceStore,
    private readonly time: (call: KernelCall, variant: Variant) => Promise<number>,
  ) {
    this.given = Object.fromEntries(
      given.map(({ kernel, shape, variant }) => [`${kernel}: ${shape}`, variant]),
    );
  }

  /** Makes the choices for a trace's calls. */
  async prepare(calls: readonly KernelCall[]): Promise<void> {
    let tuned = false;
    for (const call of calls) {
      const { kernel, params, variant } = call;
      const key = keyOf(call);
      if (variant !== undefined || this.made.has(key)) continue;
      const possible: readonly string[] = possibleVariants(kernel, params, this.adapter);
      const tunable = tunableVariants(kernel, params, this.adapter);
      const fixed = fixedVariant(kernel, params, this.adapter);
      if (fixed === null) continue;
      const choose = (chosen: string, by: KernelChoice['by'], ms?: Record<string, number>) =>
        this.made.set(key, { kernel, shape: shapeOf(params), variant: chosen, by, ...(ms && { ms }) });
      const given = this.given[key];
      const kept = this.tune === false ? undefined : (await this.keptChoices())[key];
      // What was kept for another version of the kernels may not be possible any more; what another engine was given by
      // name, or would not take for its other bits, is none of this one's business.
      if (given !== undefined && possible.includes(given)) choose(given, 'kept');
      else if (kept !== undefined && tunable.some((one) => one === kept)) choose(kept, 'kept');
      else if (this.tune !== true || tunable.length === 1 || this.spent > BUDGET_MS) choose(fixed, 'fixed');
      else {
        const ms = await this.measure(call, [fixed, ...tunable.filter((other) => other !== fixed)]);
        const best = tunable.reduce((a, b) => ((ms[b] ?? Infinity) < (ms[a] ?? Infinity) ? b : a), fixed);
        choose(ms[best] < WIN * ms[fixed] ? best : fixed, 'tuned', ms);
        tuned = true;
      }
    }
    if (tuned) await this.store.save(this.adapter.name, this.tunedChoices());
  }

  /** Milliseconds by variant, as far as the time allows. */
  private async measure(call: KernelCall, variants: readonly Variant[]): Promise<Record<string, number>> {
    const times: Record<string, number> = {};
    for (const variant of variants) {
      const start = performance.now();
      times[variant] = await this.time(call, variant);
      this.spent += performance.now() - start;
      // The first call is compared at any rate: what a pipeline takes to compile may be all that there is.
      if (this.spent > BUDGET_MS && Object.keys(times).length > 1) break;
    }
    return times;
  }

  private async keptChoices(): Promise<Choices> {
    this.kept ??= await this.store.load(this.adapter.name);
    return this.kept;
  }

  /** What was measured here or is kept, for a run to be gone on with. */
  private tunedChoices(): Choices {
    const own = [...this.made]
      .filter(([, { by }]) => by !== 'fixed')
      .map(([key, { variant }]) => [key, variant]);
    return { ...this.kept, ...(Object.fromEntries(own) as Choices) };
  }

  /** The variant of a call that {@link prepare} has seen; null for a kernel that has but one way. */
  variantOf(call: KernelCall): string | null {
    return call.variant ?? this.made.get(keyOf(call))?.variant ?? null;
  }

  /** All choices so far. */
  list(): KernelChoice[] {
    return [...this.made.values()];
  }
}
