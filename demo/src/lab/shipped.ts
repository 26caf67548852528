/** The model that comes with the page. */
import { fetched } from './fetched.js';
import type { History, Saved } from './messages.js';

interface Shipped {
  readonly key: string;
  readonly step: number;
  readonly history: History;
}

/** A model that comes with the page, and what it takes to train it further: more, and fetched when it is needed. */
export interface ShippedModel {
  readonly saved: Saved;
  /** The whole training state; null where it cannot be fetched. */
  state(): Promise<Uint8Array | null>;
}

const STATE = 'pretrained_state.safetensors';

let description: Promise<Shipped | null> | null = null;

/** Nothing where it is not to be had: then the model is learned here. */
const wanted = (name: string): Promise<Response | null> => fetched(name).catch(() => null);

/** The shipped model if `key` is the choice that it was made for. */
export async function shippedModel(key: string): Promise<ShippedModel | null> {
  // The usual choice is the first: then both are on their way at once.
  const early = description === null ? wanted('pretrained.safetensors') : null;
  description ??= wanted('pretrained.json').then((response) => response?.json() ?? null);
  const known = await description;
  if (known === null) description = null;
  if (known === null || known.key !== key) return null;
  const response = await (early ?? wanted('pretrained.safetensors'));
  if (response === null) return null;
  const bytes = new Uint8Array(await response.arrayBuffer());
  return {
    saved: { step: known.step, bytes, whole: false, history: known.history },
    state: async () => {
      const whole = await wanted(STATE);
      return whole === null ? null : new Uint8Array(await whole.arrayBuffer());
    },
  };
}
