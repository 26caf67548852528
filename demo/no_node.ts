/** In place of the library's modules for Node, which a page never calls: it has `navigator.gpu` and its own storage. */
const onlyInNode = (): never => {
  throw new Error('this is for Node');
};

export const openDawn = onlyInNode;
export const fileStore = onlyInNode;
