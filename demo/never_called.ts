/**
 * In place of modules of the library that the page never calls: those for Node, for it has `navigator.gpu`; and those
 * that measure kernel variants and keep the choice, for it takes the fixed one.
 */
const never = (): never => {
  throw new Error('the page does not call this');
};

export const openDawn = never;
export const timeCall = never;

/** Made with every engine, and asked by none that does not tune. */
export const choiceStore = () => ({ load: never, save: never });
